package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
)

func fourShards() api.Shards {
	return api.Shards{Node: 2, Epoch: 9, Health: api.HealthDegraded, Markets: 10_000, Leaving: 1_931, Frozen: 2, Shards: []api.Shard{
		{Shard: 1, Leader: 1, Points: 512, Markets: 5_931, Leaving: 1_931, Frozen: 2, Ended: 17, Ready: true, Health: api.HealthHealthy},
		{Shard: 2, Leader: 3, Points: 512, Markets: 4_069, Arriving: 1_931, Put: 1, Ready: true, Health: api.HealthDegraded},
		{Shard: 3, Leader: 2, Ready: true, Health: api.HealthHealthy},
		{Shard: 4, Health: api.HealthNoLeader},
	}}
}

func TestDrawShards(t *testing.T) {
	const text = `moving: 1,931 of 10,000 markets are not where they belong yet   (asked node 2, epoch 9)

  shard  leader  points  markets  share   to come  to leave  on their way  put there  ended  health
  1      node 1  512     5,931    59.3 %           1,931     2                        17     healthy
  2      node 3  512     4,069    40.7 %  1,931                            1                 degraded
  3      node 2  0       0        0.0 %                                                      healthy, drained
  4      none    0       0        0.0 %                                                      being founded
`
	s := fourShards()
	if diff := cmp.Diff(text, drawShards(s)); diff != "" {
		t.Error(diff)
	}
	s.Leaving = 0
	for health, says := range map[string]string{
		api.HealthNoLeader: "NO LEADER", api.HealthWaiting: "WAITING", api.HealthHealthy: "balanced: every market is where it belongs   (asked node 2, epoch 9)",
	} {
		if s.Health = health; !strings.HasPrefix(drawShards(s), says) {
			t.Errorf("%q does not begin\n%s", says, drawShards(s))
		}
	}
	alone := api.Shards{Health: api.HealthHealthy, Shards: []api.Shard{{Shard: 1, Points: 512, Ready: true, Health: api.HealthHealthy}}}
	if out := drawShards(alone); strings.Contains(out, "leader") || strings.Contains(out, "node") || !strings.Contains(out, "  1      512     0        -      healthy\n") {
		t.Error(out)
	}
}

func TestDrawPlan(t *testing.T) {
	const text = `With 512 points for shard 5, 1,931 of 10,000 markets would move (19.3 %).

  from  to  markets
  1     5   1,000
  4     5   931

3 have ended and would stay where they are.
Nothing was done.
`
	p := api.ShardPlan{Change: api.ChangeAdd, Shard: 5, Points: 512, Markets: 10_000, Moving: 1_931, Staying: 3, Moves: []api.ShardMoves{{From: 1, To: 5, Markets: 1_000}, {From: 4, To: 5, Markets: 931}}}
	if diff := cmp.Diff(text, drawPlan(p)); diff != "" {
		t.Error(diff)
	}
}

func TestShardCommandsSayWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		says string
		args []string
	}{
		{`"five" is no number of a shard`, []string{"add", "five"}},
		{`"0" is no number of a shard`, []string{"drain", "0"}},
		{`"17" is no move`, []string{"move", "17"}},
		{`"x=1" is no move`, []string{"move", "x=1"}},
		{`"17=65536" is no move`, []string{"plan", "--move", "17=65536"}},
		{"[add drain move]", []string{"plan"}},
		{`"later" is no number of a shard`, []string{"plan", "--add", "later"}},
		{"0 is no number of a shard", []string{"plan", "--drain", "0"}},
		{"there is no node in", []string{"status", "--dir", t.TempDir()}},
	} {
		_, err := runHere(t, append([]string{"shard"}, c.args...)...)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %q is not in: %v", c.args, c.says, err)
		}
	}
}

// scripted is an operator's API that gives one answer after another, the last one again and again, and notes what it was
// asked.
type scripted struct {
	answers []any // api.Shards, api.ShardPlan, or *api.Problem
	asked   []string
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, 200)
	n, _ := r.Body.Read(body)
	s.asked = append(s.asked, strings.TrimSpace(fmt.Sprint(r.Method, " ", strings.TrimPrefix(r.URL.Path, "/api/admin"), " ", string(body[:n]))))
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	if p, ok := answer.(*api.Problem); ok {
		w.Header().Set("Content-Type", api.ProblemType)
		w.WriteHeader(p.Status)
	}
	_ = json.NewEncoder(w).Encode(answer) // what does not come is told by who asked
}

// runScripted runs a command against an operator's API that is scripted.
func runScripted(t *testing.T, answers []any, args ...string) (out string, asked []string, err error) {
	t.Helper()
	s := &scripted{answers: answers}
	server := httptest.NewServer(s)
	defer server.Close()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = runHere(t, append(append([]string{"shard"}, args...), "--admin", server.URL, "--key-file", key)...)
	return out, s.asked, err
}

// after is a status in which so many markets are to come to shard 2.
func after(epoch, arriving uint64) api.Shards {
	return api.Shards{Node: 1, Added: 2, Epoch: epoch, Health: api.HealthHealthy, Markets: 1_000, Leaving: arriving, Shards: []api.Shard{
		{Shard: 1, Leader: 1, Points: 512, Markets: 500 + arriving, Leaving: arriving, Ready: true, Health: api.HealthHealthy},
		{Shard: 2, Leader: 2, Points: 512, Markets: 500 - arriving, Arriving: arriving, Ready: true, Health: api.HealthHealthy},
	}}
}

// Add goes on where a shard is not ready yet, and waits until a status that knows of the change says that all have moved.
func TestShardAddWaits(t *testing.T) {
	out, asked, err := runScripted(t, []any{api.CodeUnavailable.Problem("", "The shard is being founded."), after(3, 488), after(2, 0), after(3, 200), after(3, 0)}, "add")
	if err != nil {
		t.Fatal(err)
	}
	want(t, out, 0, 0, "The shard is being founded.", "Shard 2 takes orders, with 512 points. 488 of 1,000 markets move (48.8 %).",
		"Shard 2 has the markets that belong there. It took ")
	if diff := cmp.Diff([]string{`POST /shards {"points":512}`, `POST /shards {"points":512}`, "GET /shards", "GET /shards", "GET /shards"}, asked); diff != "" {
		t.Error(diff)
	}
	out, asked, err = runScripted(t, []any{after(3, 488)}, "add", "2", "--points", "64", "--no-wait")
	if err != nil || len(asked) != 1 || asked[0] != `POST /shards {"shard":2,"points":64}` {
		t.Errorf("%v: %q\n%s", err, asked, out)
	}
	_, asked, err = runScripted(t, []any{api.CodeRulesUnknown.Problem("", "Node 3 is too old.")}, "add")
	if err == nil || err.Error() != "Node 3 is too old. (rules_unknown)" || len(asked) != 1 {
		t.Errorf("%v: %q", err, asked)
	}
}

func TestShardDrainWaits(t *testing.T) {
	out, asked, err := runScripted(t, []any{after(3, 10), after(3, 1), after(3, 0)}, "drain", "1")
	if err != nil || len(asked) != 3 || asked[0] != "POST /shards/1/drain" {
		t.Errorf("%v: %q", err, asked)
	}
	want(t, out, 0, 0, "Shard 1 gets no more markets. 10 of 1,000 markets move (1.0 %).", "Shard 1 has no markets but those that have ended. It took ")
	if out, _, err = runScripted(t, []any{after(3, 0)}, "drain", "1"); err != nil || !strings.HasSuffix(out, "have ended.\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestShardMoveWaits(t *testing.T) {
	under := api.ShardPlan{Change: api.ChangeMove, Shard: 2, Markets: 1_000, Moving: 1, Moves: []api.ShardMoves{}}
	done := under
	done.Moving = 0
	out, asked, err := runScripted(t, []any{after(3, 1), under, done}, "move", "17=0")
	if err != nil || out != "Market 17 is on shard 2.\n" {
		t.Errorf("%v\n%s", err, out)
	}
	if diff := cmp.Diff([]string{`PUT /markets/17/shard {"shard":0}`, `POST /shards/plan {"change":"move","market":"17"}`, `POST /shards/plan {"change":"move","market":"17"}`}, asked); diff != "" {
		t.Error(diff)
	}
}

func TestShardPlanAndStatusAsJSON(t *testing.T) {
	plan := api.ShardPlan{Epoch: 3, Change: api.ChangeDrain, Shard: 2, Markets: 5, Moving: 1, Moves: []api.ShardMoves{{From: 2, To: 1, Markets: 1}}}
	out, asked, err := runScripted(t, []any{plan}, "plan", "--drain", "2", "--json")
	var got api.ShardPlan
	if err != nil || json.Unmarshal([]byte(out), &got) != nil || !cmp.Equal(plan, got) || asked[0] != `POST /shards/plan {"change":"drain","shard":2}` {
		t.Errorf("%v, asked %q\n%s", err, asked, out)
	}
	out, _, err = runScripted(t, []any{fourShards()}, "status", "--json")
	var status api.Shards
	if coded, ok := err.(exitError); !ok || coded.code != exitDegraded || json.Unmarshal([]byte(out), &status) != nil || !cmp.Equal(fourShards(), status) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestHowFar(t *testing.T) {
	for wanted, got := range map[string]string{
		"0 of 100 markets have moved":                       howFar(0, 100, time.Second),
		"1,000 of 4,000 markets have moved, about 30s left": howFar(1_000, 4_000, 10*time.Second),
		"3,999 of 4,000 markets have moved, about 1s left":  howFar(3_999, 4_000, 10*time.Second),
	} {
		if got != wanted {
			t.Errorf("%q, not %q", got, wanted)
		}
	}
}
