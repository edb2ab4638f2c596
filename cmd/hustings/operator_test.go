package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
)

// answering serves one answer to every request, and counts them.
func answering(t *testing.T, status int, answer any) (url string, asked *int) {
	t.Helper()
	asked = new(int)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		*asked++
		w.WriteHeader(status)
		_ = json.MarshalWrite(w, answer)
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func refusing(t *testing.T, code api.Code) (url string, asked *int) {
	t.Helper()
	return answering(t, code.Status, code.Problem("", ""))
}

// A node that is down, cut off or not the leader is passed over; what one refuses for good is not asked of another.
func TestOperatorAsksAnotherNode(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	cluster := func(health string) api.Cluster {
		return api.Cluster{Node: 3, Health: health, Shards: []api.ClusterShard{}, Links: []api.ClusterLink{}}
	}
	run := func(args []string, urls ...string) (string, error) {
		return runHere(t, append(append([]string{"cluster"}, args...), "--key-file", key, "--admin", strings.Join(urls, ","))...)
	}
	code := func(err error) int {
		var coded exitError
		if errors.As(err, &coded) {
			return coded.code
		}
		return -1
	}
	const down = "http://127.0.0.1:1"
	cutOff, _ := answering(t, 200, cluster(api.HealthNoLeader))
	follower, _ := refusing(t, api.CodeNotLeader)
	leaderless, _ := refusing(t, api.CodeNoLeader)
	well, asked := answering(t, 200, cluster(api.HealthHealthy))
	ill, _ := answering(t, 200, cluster(api.HealthDegraded))

	if out, err := run([]string{"status"}, down, cutOff, well); err != nil || !strings.Contains(out, "healthy") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := run([]string{"status"}, down, ill, well); code(err) != exitDegraded || !strings.Contains(out, "degraded") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := run([]string{"status"}, cutOff, down); code(err) != exitNoLeader || !strings.Contains(out, "NO LEADER") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := run([]string{"status", "--json"}, well); err != nil || json.Unmarshal([]byte(out), new(api.Cluster)) != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := run([]string{"handover", "3"}, down, follower, leaderless, well); err != nil || out != "Node 3 leads.\n" {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := run([]string{"remove", "3"}, leaderless, down); err == nil || !strings.Contains(err.Error(), "(no_leader)") {
		t.Errorf("%v", err)
	}
	*asked = 0
	risky, _ := refusing(t, api.CodeQuorumAtRisk)
	if _, err := run([]string{"demote", "3"}, risky, well); err == nil || !strings.Contains(err.Error(), api.CodeQuorumAtRisk.Title) || *asked != 0 {
		t.Errorf("%v, and another was asked %d times", err, *asked)
	}
}
