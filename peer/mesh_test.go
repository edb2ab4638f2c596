package peer

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		beChild()
	}
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for what must happen before it fails.
const patience = 10 * time.Second

// recorder is a handler that tests look at.
type recorder struct {
	message func(from Node, shard uint32, m []byte)
	call    func(ctx context.Context, from Node, shard uint32, method uint8, request []byte) ([]byte, error)
	serve   http.HandlerFunc
	events  chan string // "up 2", "down 2"
}

func newRecorder() *recorder { return &recorder{events: make(chan string, 1000)} }

func (r *recorder) Message(from Node, shard uint32, m []byte) {
	if r.message != nil {
		r.message(from, shard, m)
	}
}

func (r *recorder) Call(ctx context.Context, from Node, shard uint32, method uint8, request []byte) ([]byte, error) {
	return r.call(ctx, from, shard, method, request)
}
func (r *recorder) Connected(n Node)                                 { r.events <- "up " + n.String() }
func (r *recorder) Disconnected(n Node)                              { r.events <- "down " + n.String() }
func (r *recorder) ServeHTTP(w http.ResponseWriter, q *http.Request) { r.serve(w, q) }

func (r *recorder) want(t testing.TB, events ...string) {
	t.Helper()
	for _, want := range events {
		select {
		case got := <-r.events:
			if got != want {
				t.Fatalf("told %q, want %q", got, want)
			}
		case <-time.After(patience):
			t.Fatalf("not told %q", want)
		}
	}
}

// lines gathers log lines.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) want(t testing.TB, text string) {
	t.Helper()
	eventually(t, func() bool { return strings.Contains(l.String(), text) }, func() string {
		return fmt.Sprintf("the log does not say %q:\n%s", text, l)
	})
}

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func eventually(t testing.TB, condition func() bool, complaint func() string) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(complaint())
		}
	}
}

func listen(t testing.TB, address string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// start starts a mesh that ends with the test.
func start(t testing.TB, c Config) *Mesh {
	t.Helper()
	if c.Listener == nil {
		c.Listener = listen(t, "127.0.0.1:0")
	}
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func (m *Mesh) address() string { return m.listener.Addr().String() }

// pair starts nodes 1 and 2 and waits until all six links are up.
func pair(t testing.TB, one, two *recorder, queueBytes int) (*Mesh, *Mesh) {
	t.Helper()
	a := authority(t)
	log := slog.New(slog.DiscardHandler)
	if testing.Verbose() {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	m1 := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: one, QueueBytes: queueBytes, Log: log.With("self", 1)})
	m2 := start(t, Config{Self: 2, Credentials: certify(t, a, 2), Handler: two, QueueBytes: queueBytes, Log: log.With("self", 2)})
	addresses := map[Node]string{1: m1.address(), 2: m2.address()}
	m1.SetPeers(addresses)
	m2.SetPeers(addresses)
	whole(t, m1, 2)
	whole(t, m2, 1)
	one.want(t, "up 2")
	two.want(t, "up 1")
	return m1, m2
}

// whole waits until all links with a node are up.
func whole(t testing.TB, m *Mesh, n Node) {
	t.Helper()
	up := func() bool { r := m.find(n); return r != nil && r.up() == 6 }
	eventually(t, up, func() string { return fmt.Sprintf("node %v: links %+v", m.self, m.Links()) })
}

func number(n int) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(n)) }

func TestMessagesArriveInOrder(t *testing.T) {
	const count, shards = 20_000, 3
	type got struct {
		from  Node
		shard uint32
		n     int
		size  int
	}
	one, two := newRecorder(), newRecorder()
	arrived := make(chan got, count)
	two.message = func(from Node, shard uint32, m []byte) {
		arrived <- got{from, shard, int(binary.LittleEndian.Uint64(m)), len(m)}
	}
	m1, _ := pair(t, one, two, 0)
	// From nothing but a number to more than fits into a reader's buffer.
	size := func(i int) int {
		if i%500 == 0 {
			return 8 + i*10
		}
		return 8 + i%300
	}
	go func() {
		for i := range count {
			m := append(number(i), make([]byte, size(i)-8)...)
			for !m1.Send(2, uint32(i%shards), m) {
				time.Sleep(time.Millisecond)
			}
			clear(m) // it was copied
		}
	}()
	for i := range count {
		select {
		case g := <-arrived:
			if want := (got{1, uint32(i % shards), i, size(i)}); g != want {
				t.Fatalf("message %d: got %+v, want %+v", i, g, want)
			}
		case <-time.After(patience):
			t.Fatalf("message %d did not arrive", i)
		}
	}
}

func TestMessageThatIsTooLongIsDropped(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	arrived := make(chan int, 2)
	two.message = func(_ Node, _ uint32, m []byte) { arrived <- len(m) }
	m1, _ := pair(t, one, two, 0)
	if m1.Send(2, 0, make([]byte, MaxPayload+1)) || !m1.Send(2, 0, make([]byte, MaxPayload)) {
		t.Error("the bound is not where it should be")
	}
	if n := <-arrived; n != MaxPayload || m1.Links()[0].Dropped != 1 {
		t.Errorf("%d bytes arrived, %+v", n, m1.Links())
	}
}
