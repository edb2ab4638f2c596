package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/vfs"
)

// core is a whole exchange without a log: a shard, its journal in memory and its read model. It is a Submitter and a
// History, and its View is a Reader.
type core struct {
	mu      sync.Mutex
	shard   *shard.Shard
	view    *projection.View
	journal *journal.Journal
	signer  note.Signer
	key     string
	out     shard.Output
	batch   []byte
	index   uint64
	last    exchange.Seq // of the events
	now     exchange.Time

	submits atomic.Int64
	fail    atomic.Pointer[error] // what Submit answers instead of doing anything
	lag     atomic.Bool           // the read model is not told
	alone   atomic.Bool           // nobody can say how far the others are
	sights  atomic.Int64          // how often it is known yet where a market was; 0: always
	unseen  []func()
}

func newCore(tb testing.TB) *core {
	tb.Helper()
	index := func(event []byte, keys []journal.Key) []journal.Key {
		for _, k := range projection.AppendKeys(event, nil) {
			keys = append(keys, journal.Key(k))
		}
		return keys
	}
	j, _, err := journal.Open(vfs.NewMem(), "journal", journal.Options{Shard: 1, Indexer: index})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { j.Close() })
	private, public, err := note.GenerateKey(rand.Reader, "test.example/shard/1")
	if err != nil {
		tb.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		tb.Fatal(err)
	}
	return &core{
		shard: shard.New(), view: projection.New(), journal: j, signer: signer, key: public,
		now: exchange.Time(time.Now().UnixNano()),
	}
}

func (c *core) Fresh(ctx context.Context) error {
	if c.alone.Load() {
		return errors.New("no quorum")
	}
	c.mu.Lock()
	last := c.last
	c.mu.Unlock()
	return c.view.WaitSeq(ctx, last)
}

func (c *core) Submit(_ context.Context, commands []byte, n int, replies []exchange.Reply) error {
	c.submits.Add(1)
	if err := c.fail.Load(); err != nil {
		return *err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.apply(commands, n); err != nil {
		return err
	}
	copy(replies, c.out.Replies)
	for c.shard.Backlog() {
		if err := c.apply(nil, 0); err != nil {
			return err
		}
	}
	return nil
}

func (c *core) apply(commands []byte, n int) error {
	c.now = max(c.now+1, exchange.Time(time.Now().UnixNano()))
	c.batch = append(wire.AppendBatchHead(c.batch[:0], c.now, n), commands...)
	if err := c.shard.Apply(c.batch, &c.out); err != nil {
		return err
	}
	c.index++
	err := c.journal.Append(journal.Record{
		Index: c.index, Time: int64(c.out.Time), FirstSeq: uint64(c.out.FirstSeq), Count: uint32(c.out.Count), Events: c.out.Events,
	})
	if err != nil {
		return err
	}
	now, first, events, count := c.out.Time, c.out.FirstSeq, append([]byte(nil), c.out.Events...), c.out.Count
	c.last = first + exchange.Seq(count) - 1
	tell := func() {
		if err := c.view.Apply(now, first, events, count); err != nil {
			panic(err)
		}
	}
	if c.lag.Load() {
		c.unseen = append(c.unseen, tell)
		return nil
	}
	tell()
	return nil
}

// catchUp tells the read model what it was not told.
func (c *core) catchUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lag.Store(false)
	for _, tell := range c.unseen {
		tell()
	}
	c.unseen = nil
}

func (c *core) Newest(key uint64, before exchange.Seq, visit Visit) error {
	return c.journal.History(journal.Key(key), uint64(before), 0, visit.raw())
}

func (c *core) Oldest(key uint64, after, until exchange.Seq, visit Visit) error {
	return c.journal.HistoryForward(journal.Key(key), uint64(after), uint64(until), visit.raw())
}

func (v Visit) raw() journal.Visit {
	return func(seq uint64, at int64, frame []byte) bool { return v(exchange.Seq(seq), exchange.Time(at), frame) }
}

func (c *core) Of(exchange.MarketID) []Stay {
	end := exchange.Seq(c.journal.Last().Seq) + 1
	if c.sights.Load() > 0 && c.sights.Add(-1) == 0 {
		return []Stay{{History: c, Begin: end, End: end}}
	}
	return []Stay{{History: c, End: end}}
}

func (c *core) LastAt(at exchange.Time) (exchange.Seq, bool, error) {
	m, ok, err := c.journal.LastAt(int64(at))
	return exchange.Seq(m.LastSeq), ok, err
}

func (c *core) Checkpoint() (Checkpoint, bool) {
	cp, ok := c.journal.Latest()
	return Checkpoint{Size: uint64(cp.Size), Note: string(cp.Note), Key: c.key}, ok
}

func (c *core) Prove(seq exchange.Seq) (Proof, bool, error) {
	p, err := c.journal.Prove(uint64(seq))
	if errors.Is(err, journal.ErrNoCheckpoint) {
		return Proof{}, false, nil
	}
	if err != nil {
		return Proof{}, false, err
	}
	return Proof{Frame: p.Event, Text: string(p.Text()), Key: c.key}, true, nil
}

const adminKey = "the operator's key for tests"

// site is a gateway on a core, for tests to call.
type site struct {
	*core
	tb     testing.TB
	server *Server
	log    *strings.Builder
}

func newSite(tb testing.TB, change ...func(*Config)) *site {
	tb.Helper()
	c := newCore(tb)
	s := &site{core: c, tb: tb, log: new(strings.Builder)}
	var mu sync.Mutex
	cfg := Config{
		Submitter: c, Reader: c.view, History: c, AdminKey: []byte(adminKey), TraderDeposits: true, Version: "test",
		Secret: []byte("0123456789abcdef0123456789abcdef"),
		Log:    slog.New(slog.NewTextHandler(lockedWriter{&mu, s.log}, nil)),
	}
	for _, f := range change {
		f(&cfg)
	}
	server, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	s.server = server
	return s
}

type lockedWriter struct {
	mu *sync.Mutex
	b  *strings.Builder
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

// ask is a request to make. The zero value of what it leaves out is what most requests have.
type ask struct {
	method, path, body string
	token, key         string
	header             map[string]string
	raw                bool // no headers but those given
}

func (a ask) request() *http.Request {
	r := httptest.NewRequest(a.method, a.path, strings.NewReader(a.body))
	if !a.raw && a.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.token != "" {
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	if a.key != "" {
		r.Header.Set(api.HeaderKey, a.key)
	}
	for k, v := range a.header {
		r.Header.Set(k, v)
	}
	return r
}

// do sends a request to the listener that its path belongs to.
func (s *site) do(a ask) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h := s.server.Public()
	if strings.HasPrefix(a.path, "/api/admin/") || a.path == "/metrics" {
		h = s.server.Admin()
	}
	h.ServeHTTP(w, a.request())
	return w
}
