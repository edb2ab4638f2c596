// Package feed listens to the feed of an exchange, as docs/formats/feed.md has it: market data, and what concerns an account. It places
// orders there too.
//
// A Feed is asked for one message after the other with Next, by one goroutine. In between it has the books of the markets
// that it listens to, as of the newest message. When its connection is lost it says so with an Interrupted, and the next
// call connects again, to another address if there are several, and goes on where it was: with the messages that were missed
// if the exchange still has them, else with a new image.
//
// What is returned has been checked: it continues what came before, nothing comes twice, and books have the checksum that
// the exchange says. Whoever is slow to call Next is sent less: a Gap, and then how things are by then.
//
// A Trader places orders over a connection of its own, from any goroutine. Whatever becomes of the connection, each is placed once.
package feed
