// Package orders loads an exchange with orders over its public HTTP API and takes the latencies: at a rate in an open
// loop, or as fast as the answers come. What is sent looks like a prediction market: most orders rest near a drifting
// price, some trade at once, some of those that rest are cancelled.
//
// Latencies count from when a request was due, not from when it could be sent, so a server that stalls cannot hide
// it: every request that would have come meanwhile is counted as late.
package orders
