package node

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/router"
	"github.com/hustings/hustings/tracing"
	"github.com/hustings/hustings/tracing/collector"
)

// answering is the other node: it answers calls as the test says.
type answering func(ctx context.Context, request []byte) ([]byte, error)

func (answering) Message(peer.Node, uint32, []byte) {}
func (a answering) Call(ctx context.Context, _ peer.Node, _ uint32, _ uint8, request []byte) ([]byte, error) {
	return a(ctx, request)
}
func (answering) Connected(peer.Node)                          {}
func (answering) Disconnected(peer.Node)                       {}
func (answering) ServeHTTP(http.ResponseWriter, *http.Request) {}

// openMesh opens the links of a node, and returns the address at which others reach it.
func openMesh(t *testing.T, dir string, n peer.Node, h peer.Handler) (*peer.Mesh, string) {
	t.Helper()
	own := filepath.Join(dir, n.String())
	if err := peer.MakeCertificate(dir, own, n); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m, err := peer.New(peer.Config{Self: n, Listener: l, Credentials: peer.CredentialsIn(own), Handler: h,
		Log: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	return m, l.Addr().String()
}

// TestRemoteErrors: only what was surely not submitted is said not to be. A link that breaks on the way says nothing.
func TestRemoteErrors(t *testing.T) {
	dir := t.TempDir()
	if err := peer.MakeAuthority(dir); err != nil {
		t.Fatal(err)
	}
	begun, answer := make(chan struct{}, 1), errors.New("")
	there, address := openMesh(t, dir, 2, answering(func(ctx context.Context, _ []byte) ([]byte, error) {
		if answer != nil {
			return nil, remoteError(answer)
		}
		begun <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}))
	here, _ := openMesh(t, dir, 1, answering(nil))
	defer here.Close()
	r := transport{&member{mesh: here}, exchange.HomeShard}

	if _, err := r.Submit(t.Context(), 2, nil, 0); !errors.Is(err, replica.ErrNotSubmitted) {
		t.Errorf("without a link: %v", err)
	}
	here.SetPeers(map[peer.Node]string{2: address})
	answer = replica.ErrNotLeader
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, err := r.Submit(t.Context(), 2, nil, 0); errors.Is(err, replica.ErrNotLeader) {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("another node that does not lead: %v", err)
		}
	}
	for _, want := range []error{replica.ErrOverloaded, replica.ErrStopping, replica.ErrLost} {
		answer = want
		_, err := r.Submit(t.Context(), 2, nil, 0)
		if got := errors.Is(err, replica.ErrNotSubmitted); err == nil || got != errors.Is(want, replica.ErrNotSubmitted) {
			t.Errorf("%v became %v", want, err)
		}
	}

	answer = nil
	lost := make(chan error, 1)
	go func() {
		_, err := r.Submit(t.Context(), 2, nil, 0)
		lost <- err
	}()
	<-begun
	if err := there.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-lost; err == nil || errors.Is(err, replica.ErrNotSubmitted) {
		t.Errorf("a link that broke on the way: %v", err)
	}
}

// stuck is a replica that takes orders and does not answer, and answers cancels.
type stuck struct {
	leader replica.ID
	freed  <-chan struct{}
}

func (s stuck) Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error {
	if wire.OnlyCancels(commands, n) {
		replies[0].Seq = 7
		return nil
	}
	select {
	case <-s.freed:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (s stuck) Leader() (replica.ID, <-chan struct{}) { return s.leader, nil }
func (s stuck) Failed() <-chan struct{}               { return nil }

// frames are a command's, n times.
func frames(t *testing.T, cmd exchange.Command, n int) (b []byte) {
	t.Helper()
	for range n {
		var err error
		if b, err = wire.AppendCommand(b, cmd); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// Where the leader takes no more batches of orders from this node, since none of those that it has is done, cancels go through all the
// same, however many.
func TestCancelsPassOrdersBetweenNodes(t *testing.T) {
	dir := t.TempDir()
	if err := peer.MakeAuthority(dir); err != nil {
		t.Fatal(err)
	}
	freed := make(chan struct{})
	there, address := openMesh(t, dir, 2, answering(func(ctx context.Context, request []byte) ([]byte, error) {
		answer, err := router.Serve(ctx, stuck{freed: freed}, request, nil)
		return answer, remoteError(err)
	}))
	defer there.Close()
	here, _ := openMesh(t, dir, 1, answering(nil))
	defer here.Close()
	here.SetPeers(map[peer.Node]string{2: address})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	to := router.New(1, stuck{leader: replica.NewID(2, 0)}, transport{&member{mesh: here}, exchange.HomeShard}, time.Minute, nil)

	const many, calls = 2, 4096 // more calls a node does not run of another one
	orders := frames(t, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 5_000, Quantity: 1}, many)
	full := make(chan struct{})
	var once sync.Once
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	for range calls + 100 {
		all.Go(func() {
			if err := to.Submit(ctx, orders, many, make([]exchange.Reply, many)); errors.Is(err, replica.ErrOverloaded) {
				once.Do(func() { close(full) })
			} else if err != nil && ctx.Err() == nil {
				t.Errorf("orders: %v", err)
			}
		})
	}
	select {
	case <-full:
	case <-ctx.Done():
		t.Fatal("the leader takes whatever comes")
	}
	cancels := frames(t, &exchange.CancelOrder{Account: 1, Market: 1, Order: 1}, many)
	for range 100 {
		replies := make([]exchange.Reply, many)
		if err := to.Submit(ctx, cancels, many, replies); err != nil || replies[0].Seq != 7 {
			t.Fatalf("cancels: %v, %+v", err, replies[0])
		}
	}
	err := to.Submit(ctx, append(cancels, orders...), 2*many, make([]exchange.Reply, 2*many))
	if !errors.Is(err, replica.ErrOverloaded) {
		t.Errorf("cancels with orders among them: %v", err)
	}
	close(freed)
	all.Wait()
	if err := ctx.Err(); err != nil {
		t.Error("orders that nobody answered: ", err)
	}
}

// A trace is carried only to where it is known: an earlier program would refuse the request.
func TestTraceIsCarriedWhereItIsKnown(t *testing.T) {
	to := collector.Start(t)
	tracer, err := tracing.New(tracing.Config{Endpoint: to.URL, Ratio: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tracer.Request(httptest.NewRequest(http.MethodGet, "/", nil), "placeOrder")
	m := &member{tracer: tracer, known: map[uint16]helloAnswer{2: {Node: 2}, 3: {Node: 3, Traces: true}}}
	for node, want := range map[uint16]bool{2: false, 3: true, 4: false} {
		if got := m.carry(ctx, node); (got != nil) != want {
			t.Errorf("%x is carried to node %d", got, node)
		}
		if got := m.carry(t.Context(), node); got != nil {
			t.Errorf("%x is carried of a request that is not followed", got)
		}
	}
	span.End()
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}
