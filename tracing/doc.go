// Package tracing follows some requests on their way: gateway, router, log, state machine, from node to node. What it sees goes to a collector by
// OpenTelemetry's protocol over HTTP. It is off unless a collector is named.
//
// Which requests are followed is decided first, before anything is made for it: a request that is not costs a draw at random and
// no memory. Everything else happens on goroutines of its own, and when the collector cannot be reached spans are dropped.
package tracing
