// Package client calls the HTTP API of an exchange from Go, in the shapes of package api.
//
// Every mutation is sent with an idempotency key, so a request whose answer was lost is sent again without harm, and
// gets the answer that the first one had. A refusal is an *Error with the code of the API; anything else went wrong
// on the way.
//
// Requests go over plain HTTP/1.1 connections that are kept and used again, one request at a time on each, with as
// little as possible between the caller and the socket: measured against net/http's client, a call costs less than
// half. A Client may be used by any number of goroutines.
package client
