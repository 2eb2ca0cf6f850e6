# Made for these tests, with the attributes of Shadow's network graphs.
graph [
  directed 0
  node [ id 0 label "client" bandwidth_up "10 Mbit" bandwidth_down "100 Mbit" ]
  node [ id 1 label "server" host_bandwidth_up "1 Gbit" host_bandwidth_down "81920 Kibit" ]
  edge [ source 0 target 0 latency "1 ms" packet_loss 0.0 ]
  edge [ source 0 target 1 latency "50 ms" jitter "2 ms" packet_loss 0.01 ]
  edge [ source 1 target 1 latency "1 ms" packet_loss 0.0 ]
]
