package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/hustings/hustings/faults/history"
	"github.com/hustings/hustings/faults/hosts"
)

// run is one run of the test: a cluster, those who trade on it, and what they saw.
type run struct {
	*fleet
	seed    uint64
	length  time.Duration // 0: each fault once, and briefly
	history *history.Recorder
	log     *deeds
	grounds *grounds
	sides   [2][]account // who buys Yes, who buys No
	tallies map[string]*tally
	shards  shards
	moved   moves
	begun   time.Time

	stragglers sync.WaitGroup // tries that nobody waits for
}

const (
	traders      = 9
	sideAccounts = 2
	sideCash     = 1e12
)

func TestChaos(t *testing.T) {
	if err := hosts.Missing(); err != nil && os.Getenv("HUSTINGS_CHAOS") != "" {
		t.Fatal(err)
	}
	hosts.Need(t)
	r := newRun(t)
	fmt.Printf("chaos: seed %d, files in %s\n", r.seed, r.dir)
	defer r.keep(t)
	r.prepare(t)
	r.trade(t)
	v := r.examine(t)
	r.print(t, v)
}

func newRun(t *testing.T) *run {
	t.Helper()
	r := &run{seed: uint64(time.Now().UnixNano() % 1e6), history: history.NewRecorder(), log: newDeeds(), tallies: map[string]*tally{}, begun: time.Now()}
	var err error
	if s := os.Getenv("HUSTINGS_CHAOS_SEED"); s != "" {
		r.seed, err = strconv.ParseUint(s, 10, 64)
		must(t, err)
	}
	if s := os.Getenv("HUSTINGS_CHAOS"); s != "" {
		r.length, err = time.ParseDuration(s)
		must(t, err)
	}
	for _, class := range classes() {
		r.tallies[class] = &tally{class: class}
	}
	dir, err := os.MkdirTemp("", "hustings-chaos")
	must(t, err)
	t.Cleanup(func() {
		if !t.Failed() {
			report(t, os.RemoveAll(dir))
		}
	})
	r.fleet = newFleet(t, dir, r.seed)
	return r
}

// keep says how to repeat a run that failed, and keeps what is on its disks.
func (r *run) keep(t *testing.T) {
	if !t.Failed() {
		return
	}
	report(t, r.cluster.Close())
	for _, m := range r.members {
		to := filepath.Join(r.dir, fmt.Sprintf("kept-%d", m.Number))
		if out, err := exec.Command("cp", "-a", "--sparse=always", m.disk.Dir(), to).CombinedOutput(); err != nil { // #nosec G204 -- own paths
			t.Errorf("keep the files of node %d: %v %s", m.Number, err, out)
		}
	}
	length := ""
	if r.length > 0 {
		length = "HUSTINGS_CHAOS=" + r.length.String() + " "
	}
	t.Logf("files of the run are kept in %s; to repeat it:\n  %sHUSTINGS_CHAOS_SEED=%d go test -count 1 -v -timeout 0 -run TestChaos ./faults/chaos",
		r.dir, length, r.seed)
}

// prepare makes shards, accounts and markets.
func (r *run) prepare(t *testing.T) {
	t.Helper()
	must(t, r.waitReady(t.Context()))
	r.shards.takes(home)
	for shard := home + 1; shard <= shardsFirst; shard++ {
		must(t, r.addShard(t.Context(), shard))
	}
	for side := range r.sides {
		for i := range sideAccounts {
			a, err := r.newAccount(t.Context(), fmt.Sprintf("side-%d-%d", side, i), sideCash)
			must(t, err)
			must(t, r.makeGroup(t.Context(), &a))
			r.sides[side] = append(r.sides[side], a)
		}
	}
	r.grounds = &grounds{run: r}
	must(t, r.grounds.begin(t.Context()))
}

// trade lets everybody trade while the schedule is worked off.
func (r *run) trade(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	for i := range traders {
		tr := &trader{number: i, run: r, home: i % nodes, node: i % nodes, random: rand.New(rand.NewPCG(r.seed, uint64(1e6+i)))}
		wait.Go(func() { tr.trade(ctx) })
	}
	for i := range nodes {
		tr := &trader{number: traders + i, run: r, home: i, node: i, loyal: true, random: rand.New(rand.NewPCG(r.seed, uint64(1e6+traders+i)))}
		wait.Go(func() { tr.watch(ctx) })
	}
	wait.Go(func() { r.grounds.renew(ctx) })
	wait.Go(func() { r.moveAbout(ctx) })
	wait.Go(func() { r.askAgain(ctx) })
	wait.Go(func() { r.watchMachine(ctx, t) })
	defer func() { stop(); wait.Wait(); r.stragglers.Wait() }()
	s := newSchedule(r.seed, classes())
	begun := time.Now()
	for turn := len(s.classes); turn > 0 || time.Since(begun) < r.length; turn-- {
		if err := r.do(ctx, s.next()); err != nil {
			t.Error(err)
			for _, m := range r.members {
				t.Logf("node %d runs: %v\n%s", m.Number, m.Running(), m.Tail())
				m.dump()
			}
			return
		}
	}
}

// do lets one fault happen and waits until everything is well again.
func (r *run) do(ctx context.Context, next step) error {
	most, calm := 10*time.Second, between(next.random, 200*time.Millisecond, 2*time.Second)
	if r.length == 0 {
		most, calm = time.Second, 200*time.Millisecond
	}
	fail := func(err error) error {
		return fmt.Errorf("fault %d, %s, after %v: %w", next.number, next.class, time.Since(r.begun).Round(time.Millisecond), err)
	}
	looking, cancel := context.WithTimeout(ctx, healing)
	leader, err := r.leader(looking, home)
	cancel()
	if err != nil {
		return fail(err)
	}
	s := &scene{Context: ctx, run: r, random: next.random, leader: leader, length: between(next.random, 50*time.Millisecond, most)}
	tally := r.tallies[next.class]
	r.log.begin(tally)
	fmt.Printf("%8.3fs %3d %s for %v, node %d leads", time.Since(r.begun).Seconds(), next.number, next.class,
		s.length.Round(time.Millisecond), leader.Number)
	defer func() { fmt.Printf(", silence %v\n", r.log.silence().Round(time.Millisecond)) }()
	if err := find(next.class).harm(s); err != nil {
		return fail(err)
	}
	tally.fired++
	if err := r.mend(); err != nil {
		return fail(err)
	}
	if err := r.waitReady(ctx); err != nil {
		return fail(err)
	}
	return s.sleep(calm)
}

// askAgain sends deeds again that were answered, to any node. Each must get its first answer.
func (r *run) askAgain(ctx context.Context) {
	random := rand.New(rand.NewPCG(r.seed, 2e6))
	for ctx.Err() == nil {
		if d := r.log.some(random); d != nil {
			_ = r.repeat(ctx, d, random.IntN(nodes)) // no answer is no wrong answer
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// watchMachine syncs a file on the machine's own disk again and again, so that a pause which that disk has caused can be
// told from one that the exchange has.
func (r *run) watchMachine(ctx context.Context, t *testing.T) {
	file, err := os.Create(filepath.Join(r.dir, "probe"))
	for ; err == nil && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		begun := time.Now()
		if _, err = file.WriteAt(make([]byte, 4096), 0); err == nil {
			err = file.Sync()
		}
		r.log.synced(time.Since(begun))
	}
	report(t, err)
	report(t, file.Close())
}

// repeat sends a deed again to one node.
func (r *run) repeat(ctx context.Context, d *deed, node int) error {
	a, err := once(ctx, r.public[node].As(d.token), d.request)
	if err != nil {
		return err
	}
	r.log.answered(d, a, node, 0)
	return nil
}
