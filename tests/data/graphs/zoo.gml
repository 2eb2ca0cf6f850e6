# Made for these tests, with the defects of files in the wild: two nodes of one label, parallel
# links without "multigraph 1", a node without coordinates, letters beyond ASCII, a comment, a loop.
graph [
  directed 0
  Network "Sample & more"
  node [
    id 0
    label "Zürich"
    Latitude 47.37
    Longitude 8.54
    graphics [ x 1.0 y 2.0 ]
  ]
  node [ id 1 label "Gen&#232;ve" Latitude 46.20 Longitude 6.15 ]
  node [ id 2 label "Bern" Latitude 46.95 Longitude 7.45 ]
  node [ id 3 label "Bern" Latitude 46.95 Longitude 7.45 ]
  node [ id 4 label "Somewhere" hyperedge 1 ]
  node [ id 5 ]
  edge [ source 0 target 1 LinkLabel "slow" LinkSpeedRaw 1000000000.0 ]
  edge [ source 1 target 0 LinkLabel "fast" LinkSpeedRaw 10000000000.0 ]
  edge [ source 0 target 1 LinkLabel "?" ]
  edge [ source 0 target 2 LinkSpeedRaw 0.0 ]
  edge [ source 2 target 3 ]
  edge [ source 3 target 4 LinkSpeedRaw 155520000.0 ]
  edge [ source 4 target 5 latency "3 ms" packet_loss 0.25 ]
  edge [ source 4 target 4 latency "1 ms" ]
]
