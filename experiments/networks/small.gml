# Five cities and made-up cables between them, to start a network of one's own from.
graph [
  node [ id 0 label "Berlin" Latitude 52.52 Longitude 13.40 ]
  node [ id 1 label "Paris" Latitude 48.86 Longitude 2.35 ]
  node [ id 2 label "Madrid" Latitude 40.42 Longitude -3.70 ]
  node [ id 3 label "Rome" Latitude 41.90 Longitude 12.50 ]
  node [ id 4 label "Depot" ]
  edge [ source 0 target 1 LinkSpeedRaw 10000000000.0 ]
  edge [ source 1 target 2 LinkSpeedRaw 10000000000.0 ]
  edge [ source 2 target 3 latency "14ms" packet_loss 0.001 jitter "1ms" ]
  edge [ source 3 target 0 LinkSpeedRaw 1000000000.0 ]
  edge [ source 3 target 4 latency "2ms" bandwidth "100 Mbit/s" ]
]
