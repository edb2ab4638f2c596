// Package gateway serves the HTTP API of package api: it reads requests strictly, finds out who asks, turns what is
// asked into commands, submits them, and writes the answers. It holds no state of the exchange: what it knows it
// asks of a Submitter (the log), a Reader (the read model) and a History (the journal), so any number of gateways
// can serve one exchange.
//
// An answer to a mutation is a function of the request and the exchange's reply alone. That is why a retry with the
// same idempotency key gets the same bytes: the reply is the first one, and nothing else goes in.
//
// The package does not decide about orders, money or markets: what it refuses itself is what cannot be read, what
// nobody may ask, and what cannot be said to the core at all.
package gateway
