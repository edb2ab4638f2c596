package chaos

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/faults/history"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// examine checks everything that can be checked once the trading is over.
func (r *run) examine(t *testing.T) history.Verdict {
	t.Helper()
	r.log.begin(&tally{})
	if !t.Failed() {
		r.settleAll(t)
		r.settleMoves(t)
		r.askManyAgain(t)
		r.triggerGroups(t)
		r.countMoney(t)
		r.askWhetherTheyAgree(t)
	}
	for _, m := range r.members {
		ctx, cancel := context.WithTimeout(t.Context(), healing)
		report(t, m.Shutdown(ctx))
		cancel()
	}
	for _, m := range r.members {
		key := filepath.Join(m.Dir, node.CheckpointPubFile)
		if out, err := exec.Command(binary, "verify", "--data", m.disk.Dir(), "--public-key", key).CombinedOutput(); err != nil { // #nosec G204 -- the program under test
			r.log.violation("hustings verify of node %d: %v\n%s", m.Number, err, out)
		}
	}
	if !t.Failed() { // otherwise they may rightly lag behind the log
		r.readJournals(t)
	}
	const each = 20 * time.Second
	verdict, err := r.history.Check(each, r.dir)
	must(t, err)
	for _, v := range verdict.Violations {
		r.log.violation("no exchange that does one thing after the other could have answered so: %s", v)
	}
	if len(verdict.Undecided) > 0 {
		r.log.violation("not decided within %v each: %v", each, verdict.Undecided)
	}
	for _, v := range r.log.violations {
		t.Error(v)
	}
	return verdict
}

// settleAll asks again for what traders gave up, until all of it is answered.
func (r *run) settleAll(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), healing)
	defer cancel()
	for _, d := range r.log.unanswered() {
		for node := 0; ; node = (node + 1) % nodes {
			a, err := once(ctx, r.public[node].As(d.token), d.request)
			if err == nil {
				r.log.answered(d, a, node, 0)
				break
			}
			if ctx.Err() != nil {
				r.log.violation("%s %s with key %s is not answered: %v", d.request.Method, d.request.Path, d.request.Key, err)
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// askManyAgain sends a part of all deeds again.
func (r *run) askManyAgain(t *testing.T) {
	t.Helper()
	const most = 3000
	all, random := r.log.all(), rand.New(rand.NewPCG(r.seed, 3e6))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i, d := range all[:min(len(all), most)] {
		if err := r.repeat(t.Context(), d, i%nodes); err != nil {
			r.log.violation("%s %s with key %s was answered, and again: %v", d.request.Method, d.request.Path, d.request.Key, err)
		}
	}
}

// countMoney adds up what everybody has and what stands behind contracts: that is what was paid in and not out.
func (r *run) countMoney(t *testing.T) {
	t.Helper()
	want := api.Money(len(r.sides) * sideAccounts * sideCash)
	for _, d := range r.log.all() {
		if transfer, ok := d.request.Body.(api.Transfer); ok && !d.answer.refused() {
			if d.request.Path == "/api/deposits" {
				want += transfer.Amount
			} else {
				want -= transfer.Amount
			}
		}
	}
	for node := range nodes {
		var got api.Money
		var accounts api.Accounts
		for more := true; more; more = accounts.NextCursor != "" {
			accounts = api.Accounts{Page: api.Page{NextCursor: accounts.NextCursor}}
			r.page(t, node, "/api/admin/accounts", &accounts, &accounts.NextCursor)
			for _, a := range accounts.Accounts {
				got += a.Cash + a.Held
			}
		}
		var markets api.Markets
		for more := true; more; more = markets.NextCursor != "" {
			markets = api.Markets{Page: api.Page{NextCursor: markets.NextCursor}}
			r.page(t, node, "/api/markets", &markets, &markets.NextCursor)
			for _, m := range markets.Markets {
				got += api.Money(m.Outcomes[0].OpenInterest * 10_000)
			}
		}
		if got != want {
			r.log.violation("node %d: %v was paid in and not out, and %v is there", node+1, want, got)
		}
	}
}

// askWhetherTheyAgree asks the nodes what they found when they compared their states.
func (r *run) askWhetherTheyAgree(t *testing.T) {
	t.Helper()
	for i, c := range r.operator {
		all, err := statusOf(t.Context(), c)
		must(t, err)
		for _, status := range all {
			if status.Check != nil && status.Check.Result != api.CheckSame {
				r.log.violation("node %d says that states of shard %d differ: %+v", i+1, status.Shard, *status.Check)
			}
		}
	}
}

// page reads the page of a list that a cursor names.
func (r *run) page(t *testing.T, node int, path string, out any, cursor *string) {
	t.Helper()
	query := url.Values{"limit": {"200"}, "fresh": {"true"}}
	if *cursor != "" {
		query.Set("cursor", *cursor)
	}
	*cursor = ""
	c := r.public[node]
	if path != "/api/markets" {
		c = r.operator[node]
	}
	must(t, c.Do(t.Context(), client.Request{Method: http.MethodGet, Path: path + "?" + query.Encode()}, out))
}

// readJournals checks that the journals of all nodes are the same as far as they go, and that what was answered is in
// them as it was answered.
func (r *run) readJournals(t *testing.T) {
	t.Helper()
	happened := map[string]int{}
	for shard := 1; shard <= r.shards.count(); shard++ {
		c := r.readJournal(shard)
		for name, times := range c.happened {
			happened[name] += times
		}
		r.moved.done += c.adopted
	}
	for _, d := range r.log.all() {
		got, want := happened[d.request.Key], 0
		if d.effect && !d.answer.refused() {
			want = 1
		}
		if got != want {
			r.log.violation("%s %s with key %s has happened %d times, and was answered %v", d.request.Method, d.request.Path, d.request.Key, got, d.answer)
		}
	}
}

// readJournal checks the journals of one shard, and returns the longest.
func (r *run) readJournal(shard int) *chronicle {
	all := make([]chronicle, nodes)
	var wait sync.WaitGroup
	for i, m := range r.members {
		wait.Go(func() {
			if err := all[i].read(m.disk.Dir(), shard); err != nil {
				r.log.violation("the journal of shard %d on node %d: %v", shard, m.Number, err)
			}
		})
	}
	wait.Wait()
	longest := 0
	for i := range all {
		if all[i].last > all[longest].last {
			longest = i
		}
	}
	for i := range all {
		for seq, sum := range all[i].records {
			if other, ok := all[longest].records[seq]; ok && other != sum {
				r.log.violation("nodes %d and %d have different events of shard %d from seq %d on", i+1, longest+1, shard, seq)
				break
			}
		}
		if len(all[i].records) == 0 {
			r.log.violation("node %d has no journal of shard %d", i+1, shard)
		}
	}
	return &all[longest]
}

// chronicle is what a journal tells.
type chronicle struct {
	records  map[uint64][sha256.Size]byte // by the first seq of each
	last     uint64                       // seq
	happened map[string]int               // effects by name
	adopted  int                          // markets that came from another shard
}

func (c *chronicle) read(data string, shard int) error {
	c.records, c.happened = map[uint64][sha256.Size]byte{}, map[string]int{}
	var decoder wire.Decoder
	_, err := journal.Verify(vfs.OS, replica.JournalDir(node.ShardDir(data, exchange.ShardID(shard))), journal.VerifyOptions{Each: func(rec journal.Record) error {
		head := fmt.Appendf(nil, "%d %d %d ", rec.Index, rec.Time, rec.Count)
		c.records[rec.FirstSeq] = sha256.Sum256(append(head, rec.Events...))
		c.last = rec.LastSeq()
		for _, frame := range rec.All() {
			e, err := decoder.Event(frame)
			if err != nil {
				return err
			}
			switch e := e.(type) {
			case *exchange.OrderPlaced:
				c.happened[string(e.ClientID)]++
			case *exchange.FundsDeposited:
				c.happened[e.Reference]++
			case *exchange.FundsWithdrawn:
				c.happened[e.Reference]++
			case *exchange.MarketPartAdopted:
				if e.Last {
					c.adopted++
				}
			}
		}
		return nil
	}})
	return err
}
