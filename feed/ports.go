package feed

import (
	"context"
	"net/http"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange/projection"
)

// A Desk knows callers and carries out their requests, as the HTTP API does. It may be called concurrently.
type Desk interface {
	// Authenticate finds out whose credential a request carries; it must permit reading.
	Authenticate(r *http.Request) (projection.Credential, *api.Problem)
	// Do answers a request of the HTTP API from somebody who has been authenticated.
	Do(ctx context.Context, who projection.Credential, req Request) (status int, body []byte)
}

// Request is a request of the HTTP API that came over a socket.
type Request struct {
	Method string
	Path   string
	Key    string // Idempotency-Key, or ""
	Match  string // If-Match, or ""
	From   string // the caller's address
	Body   []byte
	Last   bool // asked for while the credential was good, to be done when the connection ends: even if the credential is over now
}
