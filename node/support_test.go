package node_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/guard"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bound ends a test that waits for what never comes.
func bound(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func configOf(dir string) node.Config {
	return node.Config{
		Dir: dir, Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", TraderDeposits: true, Version: "v0.0.0-test",
		Replica: replica.Config{WALSegment: 1 << 20, CheckpointEvery: 10 * time.Millisecond},
		Log:     testLog(),
		Limits:  generous(),
	}
}

// generous are limits that no test reaches.
func generous() *guard.Policy {
	p := guard.Default()
	p.Tier, p.AddressFactor, p.AddressConns = guard.Institutional, 1_000, 10_000
	return &p
}

// running is a node and clients of its two listeners.
type running struct {
	*node.Node
	public, admin *client.Client
	closed        bool
}

// start runs a node on a directory until the test ends or closes it.
func start(t *testing.T, config node.Config) *running {
	t.Helper()
	n, err := node.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	r := &running{Node: n}
	t.Cleanup(func() { r.close(t) })
	r.public, r.admin = dial(t, n.Addr(), ""), dial(t, n.AdminAddr(), n.AdminKey())
	return r
}

func (r *running) close(t *testing.T) {
	t.Helper()
	if r.closed {
		return
	}
	r.closed = true
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func dial(t *testing.T, addr, token string) *client.Client {
	t.Helper()
	c, err := client.New("http://"+addr, client.Options{Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// text gets a page that is not of the API.
func text(t *testing.T, ctx context.Context, c *client.Client, path string) string {
	t.Helper()
	return string(must[[]byte](t)(c.Send(ctx, client.Request{Method: http.MethodGet, Path: path})))
}

const password = "correct horse battery"

// trader registers, logs in, pays 100.00 in and returns the session's token. The deposit's key is NAME-1.
func trader(t *testing.T, ctx context.Context, public *client.Client, name string) (token string, paid api.TransferAnswer) {
	t.Helper()
	account := must[api.RegisterAnswer](t)(public.Register(ctx, name, password))
	session := must[api.KeyAnswer](t)(public.Login(ctx, name, password))
	if session.Account != account.Account || !strings.HasPrefix(session.Secret, "pm_") {
		t.Fatalf("registered %+v and logged in as %+v", account, session)
	}
	return session.Secret, must[api.TransferAnswer](t)(public.As(session.Secret).Deposit(ctx, name+"-1", deposit))
}

// testLog is what nodes say, with -v.
func testLog() *slog.Logger {
	if testing.Verbose() {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.DiscardHandler)
}
