package node_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/audit"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/vfs"
)

// fleet is the nodes of one exchange, in this process.
type fleet struct {
	t       *testing.T
	dir     string
	members []node.Member
	nodes   map[uint16]*running
	edit    func(*node.Config) // of every node that is started; nil: nothing
}

func newFleet(t *testing.T, size uint16) *fleet { return newFleetOf(t, size, nil) }

func newFleetOf(t *testing.T, size uint16, edit func(*node.Config)) *fleet {
	f := &fleet{t: t, dir: t.TempDir(), nodes: map[uint16]*running{}, edit: edit}
	if err := peer.MakeAuthority(f.path("authority")); err != nil {
		t.Fatal(err)
	}
	if err := node.MakeSecrets(vfs.OS, node.SecretsIn(f.dir)); err != nil {
		t.Fatal(err)
	}
	for n := uint16(1); n <= size; n++ {
		f.members = append(f.members, node.Member{Node: n, Address: f.address()})
	}
	for n := uint16(1); n <= size; n++ {
		f.certify(n)
	}
	f.startAll()
	return f
}

// startAll starts the first members.
func (f *fleet) startAll() {
	var wait sync.WaitGroup
	var mu sync.Mutex
	for _, m := range f.members {
		wait.Go(func() { // none is ready before a majority is there
			r := start(f.t, f.config(m.Node, m.Address))
			mu.Lock()
			f.nodes[m.Node] = r
			mu.Unlock()
		})
	}
	wait.Wait()
}

func (f *fleet) path(parts ...string) string {
	return filepath.Join(append([]string{f.dir}, parts...)...)
}

func (f *fleet) data(n uint16) string { return f.path(fmt.Sprint("node-", n)) }

// address returns one that is free.
func (f *fleet) address() string {
	l := must[net.Listener](f.t)(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	return l.Addr().String()
}

func (f *fleet) certify(n uint16) {
	if err := peer.MakeCertificate(f.path("authority"), f.path(fmt.Sprint("tls-", n)), peer.Node(n), "127.0.0.1"); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fleet) config(n uint16, address string) node.Config {
	c := configOf(f.data(n))
	c.Log = c.Log.With("at", n)
	c.Cluster = &node.Cluster{Node: n, Listen: address, Members: f.members,
		Credentials: node.Credentials(peer.CredentialsIn(f.path(fmt.Sprint("tls-", n)))), Secrets: node.SecretsIn(f.dir),
		Heartbeat: 5 * time.Millisecond, Election: 150 * time.Millisecond}
	if f.edit != nil {
		f.edit(&c)
	}
	return c
}

func (f *fleet) restart(n uint16) {
	f.nodes[n] = start(f.t, f.config(n, f.members[n-1].Address))
}

// status asks a node until the cluster is as wanted.
func (f *fleet) status(ctx context.Context, n uint16, wanted string, is func(api.ClusterShard) bool) api.ClusterShard {
	f.t.Helper()
	for {
		c, err := f.nodes[n].admin.Cluster(ctx)
		if err == nil && is(c.Shards[0]) {
			return c.Shards[0]
		}
		select {
		case <-ctx.Done():
			f.t.Fatalf("the cluster never is %s: %+v, %v", wanted, c, err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (f *fleet) leader(ctx context.Context, asked uint16) uint16 {
	f.t.Helper()
	return f.status(ctx, asked, "led", func(s api.ClusterShard) bool { return s.Leader != 0 }).Leader
}

// verify audits the files of a node that was closed.
func (f *fleet) verify(n uint16) {
	f.t.Helper()
	report, err := audit.Verify(node.ShardDir(f.data(n), exchange.HomeShard), audit.Options{})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, d := range report.Damage {
		f.t.Errorf("node %d: %+v", n, d)
	}
}

// An order that any node has acknowledged can be read from every other one, whoever leads; nodes come and go.
func TestThreeNodesAreOneExchange(t *testing.T) {
	ctx := bound(t)
	f := newFleet(t, 3)
	market := must[api.MarketAnswer](t)(f.nodes[2].admin.CreateMarket(ctx, "m", question))
	token, _ := trader(t, ctx, f.nodes[3].public, "ada")
	place := func(n uint16, key string) api.OrderAnswer {
		t.Helper()
		o := api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 4_000, Quantity: 1}
		return must[api.OrderAnswer](t)(f.nodes[n].public.As(token).Place(ctx, market.Market, key, o))
	}
	read := func(n uint16, id api.ID) api.Order {
		t.Helper()
		path := fmt.Sprintf("/api/markets/%v/orders/%v?%s=true", market.Market, id, api.ParamFresh)
		var o api.Order
		if err := f.nodes[n].public.As(token).Do(ctx, client.Request{Method: http.MethodGet, Path: path}, &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	for n := uint16(1); n <= 3; n++ {
		placed := place(n, fmt.Sprint("first-", n))
		for other := uint16(1); other <= 3; other++ {
			if got := read(other, placed.Order); got.Quantity != 1 {
				t.Errorf("node %d shows %+v", other, got)
			}
		}
	}

	// A session is good at every node at once.
	for n := range uint16(12) {
		session := must[api.KeyAnswer](t)(f.nodes[n%3+1].public.Login(ctx, "ada", password))
		must[api.Portfolio](t)(f.nodes[(n+1)%3+1].public.As(session.Secret).Portfolio(ctx, 0))
	}

	gone := f.leader(ctx, 1)
	left := gone%3 + 1
	f.nodes[gone].close(t)
	placed := place(left, "no-leader")
	if again := place(6-gone-left, "no-leader"); again != placed {
		t.Errorf("a retry at another node is answered %+v, the order was %+v", again, placed)
	}
	f.restart(gone)
	if got := read(gone, placed.Order); got.Quantity != 1 {
		t.Errorf("the node that came back shows %+v", got)
	}

	// A disk that is lost.
	lost := f.leader(ctx, gone)%3 + 1
	f.nodes[lost].close(t)
	if err := os.RemoveAll(f.data(lost)); err != nil {
		t.Fatal(err)
	}
	f.restart(lost)
	f.status(ctx, lost, "whole again", func(s api.ClusterShard) bool {
		for _, m := range s.Members {
			if m.Role != api.Voter || m.Health == api.HealthUnreachable || s.From != s.Leader {
				return false
			}
		}
		return len(s.Members) == 3
	})
	if got := read(lost, placed.Order); got.Quantity != 1 {
		t.Errorf("the node that lost its disk shows %+v", got)
	}
	for n := uint16(1); n <= 3; n++ {
		place(n, fmt.Sprint("last-", n))
	}
	for n, r := range f.nodes {
		r.close(t)
		f.verify(n)
	}
}
