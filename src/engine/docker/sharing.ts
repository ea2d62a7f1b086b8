import type Docker from 'dockerode'
import { StepFailed } from '../../model/errors.ts'
import type { StepArguments } from '../../model/steps.ts'

type Body = Docker.ContainerCreateOptions

/** The id of the container whose network the new one uses; undefined when it has its own. */
export async function providerOf(
  { networkOf }: StepArguments['create'],
  inspect: (name: string) => Promise<{ Id: string } | null>,
): Promise<string | undefined> {
  if (networkOf === undefined) return undefined
  const provider = await inspect(networkOf)
  if (provider === null) {
    throw new StepFailed('platform', `The container ${networkOf}, whose network it would use, is gone.`)
  }
  return provider.Id
}

/** One that uses the network of another container has that one's host name, name servers and ports as well. */
export function sharing(
  { Hostname: _, ExposedPorts: __, NetworkingConfig: ___, ...body }: Body,
  provider: string,
): Body {
  const { PortBindings: _ports, Dns: _dns, DnsOptions: _options, DnsSearch: _search, ...host } = body.HostConfig ?? {}
  return { ...body, HostConfig: { ...host, NetworkMode: `container:${provider}` } }
}
