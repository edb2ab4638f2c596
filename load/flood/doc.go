// Package flood measures what a flood does to those who behave: clients that place, cancel and read at a modest rate, first alone
// and then beside many times as much as the exchange can bear, from other accounts and other addresses.
//
// A flood does not wait for answers. It writes requests into its connections for as long as they take any, at the pace at
// which they are due, and opens a new connection where one was closed. What no connection takes is lost, as it would be
// on a network, and is counted.
//
// Addresses are those of the loopback network, 127.0.0.0/8, all of which Linux calls its own.
package flood
