// Package exchange holds the words of the domain: identifiers, prices, quantities and money, the commands that
// ask for something, the events that say what happened, the replies to whoever asked, and the closed list of
// refusals. It has no behaviour beyond parsing and printing its own values, and it imports nothing of Hustings.
//
// Everything is an integer. A price is a number of ticks of 0.0001, money is a number of 0.0001 currency units,
// so price × quantity is exact, and time is nanoseconds since the Unix epoch as stamped into the log.
package exchange
