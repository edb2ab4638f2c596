package gateway

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config is what a Server is made of. The ports and the admin key are required, the rest has defaults.
type Config struct {
	Submitter Submitter
	Reader    Reader
	History   History
	Cluster   Cluster      // nil: the exchange is one node
	Shards    Shards       // nil: it has no shards to show or change
	Sockets   http.Handler // of everything below /ws on the public listener; nil: nothing is there

	AdminKey []byte // the secret of the admin listener, at least 16 bytes
	// Secret is known to all gateways of an exchange and to nobody else, 32 bytes. What is made at random, such as API
	// keys, is derived from it where the request has an idempotency key, so that a retry gets the same. Without one
	// it is random, and such a retry must reach the same process.
	Secret []byte

	TraderDeposits bool   // traders may pay in by themselves: for play money
	AccessLog      bool   // log every request; otherwise only those that failed here (5xx)
	Version        string // answered by /version

	MaxConns    int // open connections of each listener; default 10,000
	MaxInFlight int // submissions under way, for cancels and the rest each; default 4,096
	MaxLogins   int // password hashes computed at once; default half of the processors

	Ready      <-chan struct{} // readiness fails until it is closed; nil: it need not be waited for
	DrainDelay time.Duration   // how long readiness fails before the listeners close; default 0

	Now     func() time.Time // default time.Now; credentials expire by it, the exchange does not use it
	Log     *slog.Logger     // default slog.Default()
	Metrics *prometheus.Registry
}

const minAdminKey = 16

func (c *Config) complete() error {
	if c.Submitter == nil || c.Reader == nil || c.History == nil {
		return errors.New("gateway: a submitter, a reader and a history are needed")
	}
	if len(c.AdminKey) < minAdminKey {
		return errors.New("gateway: the admin key needs at least 16 bytes")
	}
	if len(c.Secret) == 0 {
		c.Secret = randomBytes(32)
	}
	if c.MaxConns <= 0 {
		c.MaxConns = 10_000
	}
	if c.MaxInFlight <= 0 {
		c.MaxInFlight = 4_096
	}
	if c.MaxLogins <= 0 {
		c.MaxLogins = max(1, runtime.GOMAXPROCS(0)/2)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	return nil
}
