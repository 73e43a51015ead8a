# The command of the balancer. HAProxy takes another certificate without a restart, and keeps the old one where the new one does
# not fit its key, as between the writing of both.
files='/run/xnai/tls.crt /run/xnai/tls.key'
watch() {
  seen=$(cat $files | cksum)
  while sleep 10; do
    now=$(cat $files | cksum)
    [ "$now" = "$seen" ] || kill -USR2 $$
    seen=$now
  done
}
watch &
exec haproxy -W -db -f /run/xnai/haproxy.cfg
