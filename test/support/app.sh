#!/bin/sh
# A sample service. What it does is baked into its image as environment, so that the tag alone decides.
trap 'echo "$VERSION: told to stop"; [ "$ON_TERM" = ignore ] || exit 0' TERM
echo "$VERSION: starting as $BEHAVIOUR"
mkdir -p /tmp/www
echo "$VERSION" >/tmp/www/index.html
serve() { httpd -f -p 8080 -h /tmp/www & }
healthy() { echo ok >/tmp/www/health; }
# In the background, so that a stop signal is noticed at once.
rest() { sleep "$1" & wait $!; }
fail() { echo "$VERSION: $1" >&2; exit "$CODE"; }

case $BEHAVIOUR in
  good) healthy; serve ;;
  exit) rest "$SECONDS_UNTIL"; fail "giving up with $CODE" ;;
  exit-after-healthy)
    healthy; serve
    until [ -e /tmp/answered ]; do rest 0.1; done
    rest 1; fail "failing after the first healthy answer" ;;
  turns-unhealthy) healthy; serve; rest "$SECONDS_UNTIL"; echo "$VERSION: sick"; rm /tmp/www/health ;;
  starting-forever) serve ;;
  slow-start) serve; rest "$SECONDS_UNTIL"; healthy ;;
esac
while :; do rest 3600; done
