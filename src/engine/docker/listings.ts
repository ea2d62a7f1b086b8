import type Docker from 'dockerode'

/** All there is on the engine, of each kind. What a listing gives is shared by all who asked: it must not be changed. */
export interface Listings {
  containers(): Promise<readonly Docker.ContainerInfo[]>
  networks(): Promise<readonly Docker.NetworkInspectInfo[]>
  volumes(): Promise<readonly Docker.VolumeInspectInfo[]>
  images(): Promise<readonly Docker.ImageInfo[]>
}

/** The subnets of these networks, in CIDR notation. */
export function subnetsOf(networks: readonly Docker.NetworkInspectInfo[]): string[] {
  return networks.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []))
}

/** A pass looks at all stacks at the same moment: each kind is then listed once, and not once for each stack. */
export function listingsOf(docker: Docker): Listings {
  return {
    containers: together(() => docker.listContainers({ all: true })),
    networks: together(() => docker.listNetworks()),
    volumes: together(async () => (await docker.listVolumes()).Volumes ?? []),
    images: together(() => docker.listImages()),
  }
}

/**
 * Calls `list` once for all who ask at the same moment. Nobody is given an answer that is older than the question: who
 * asks while a call is under way waits for the next one, which begins when that has ended.
 */
export function together<T>(list: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve()
  let next: Promise<T> | null = null

  function begin(): Promise<T> {
    next = null
    const begun = list()
    underWay = begun.catch(() => {})
    return begun
  }

  return () => {
    next ??= underWay.then(begin)
    return next
  }
}
