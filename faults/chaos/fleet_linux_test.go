package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/faults/hosts"
	"github.com/hustings/hustings/load/cluster"
)

const (
	nodes    = 3
	diskSize = 4 << 30 // bytes, sparse
	// patience is how long a client waits for an answer before it asks elsewhere.
	patience = 3 * time.Second
	// healing is how long a cluster may take until every node answers again, once everything is mended.
	healing = time.Minute
)

// fleet is a cluster and the hosts that it runs on.
type fleet struct {
	dir      string
	wire     *hosts.Wire
	cluster  *cluster.Cluster
	members  []*member        // node 1 is the first
	public   []*client.Client // of each node's API
	operator []*client.Client
}

// member is a node on a host of the same number, with a disk.
type member struct {
	*cluster.Node
	disk *hosts.Disk
}

// newFleet makes hosts, disks and a cluster on them. It does not wait until that takes orders.
func newFleet(t *testing.T, dir string, seed uint64) *fleet {
	t.Helper()
	f := &fleet{dir: dir}
	var err error
	f.wire, err = hosts.NewWire(dir, nodes, seed)
	must(t, err)
	t.Cleanup(func() { report(t, f.wire.Close()) })
	o := cluster.Options{Nodes: nodes, Binary: binary, Dir: filepath.Join(dir, "exchange"), TraderDeposits: true, Wrap: f.wire.Wrap}
	for i := range nodes {
		o.Hosts = append(o.Hosts, hosts.Addr(i+1).String())
	}
	must(t, cluster.Make(o))
	var disks []*hosts.Disk
	for i := range nodes {
		data := filepath.Join(o.Dir, fmt.Sprintf("node-%d", i+1), "data")
		must(t, os.Mkdir(data, 0o700))
		disk, err := hosts.NewDisk(data, diskSize)
		must(t, err)
		t.Cleanup(func() { report(t, disk.Remove()) })
		disks = append(disks, disk)
	}
	f.cluster, err = cluster.Start(o)
	must(t, err)
	t.Cleanup(func() { report(t, f.cluster.Close()) })
	for i, n := range f.cluster.Nodes() {
		f.members = append(f.members, &member{n, disks[i]})
		f.public = append(f.public, connect(t, n.Addr, ""))
		f.operator = append(f.operator, connect(t, n.AdminAddr, f.cluster.AdminKey))
	}
	return f
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func report(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// connect returns a client that asks once and gives up.
func connect(t *testing.T, address, token string) *client.Client {
	t.Helper()
	c, err := client.New("http://"+address, client.Options{Token: token, Tries: 1, Patience: patience})
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

// leader asks the nodes who leads a shard, until one of them says that it does; the one of the latest term if several do.
func (f *fleet) leader(ctx context.Context, shard uint32) (*member, error) {
	for {
		var leader *member
		var latest uint64
		for i, c := range f.operator {
			all, err := statusOf(ctx, c)
			for _, status := range all {
				if err == nil && status.Shard == shard && int(status.Leader) == i+1 && status.Term > latest {
					leader, latest = f.members[i], status.Term
				}
			}
		}
		if leader != nil {
			return leader, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.New("no node says that it leads")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// statusOf asks a node how the shards are that it knows of.
func statusOf(ctx context.Context, c *client.Client) ([]api.ClusterShard, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var status api.Cluster
	err := c.Do(ctx, client.Request{Method: http.MethodGet, Path: "/api/admin/cluster"}, &status)
	return status.Shards, err
}

// mend ends what faults leave behind, and starts what does not run.
func (f *fleet) mend() error {
	f.wire.Heal()
	for _, m := range f.members {
		if err := m.Continue(); err != nil {
			return err
		}
		if !m.Running() {
			if err := m.Restart(); err != nil {
				return err
			}
		}
	}
	return nil
}

// dump lets a process end with the stacks of all its goroutines in its log, to see what it hangs on.
func (m *member) dump() {
	if !m.Running() {
		return
	}
	_ = syscall.Kill(m.Pid(), syscall.SIGQUIT) // it may have ended
	select {
	case <-m.Ended():
	case <-time.After(5 * time.Second):
	}
}

// waitReady waits until every node answers fresh reads and says that it is ready.
func (f *fleet) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healing)
	defer cancel()
	for i, c := range f.operator {
		for {
			err := c.Do(ctx, client.Request{Method: http.MethodGet, Path: "/readyz"}, nil)
			if err == nil {
				err = c.Do(ctx, client.Request{Method: http.MethodGet, Path: "/api/admin/accounts?limit=1&fresh=true"}, nil)
			}
			if err == nil {
				break
			}
			if ended := f.members[i].Why(); ended != nil {
				return ended
			}
			var refused *client.Error
			if errors.As(err, &refused) && refused.Status < 500 {
				return fmt.Errorf("node %d: %w", i+1, err)
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("node %d does not answer within %v after everything was mended: %w\n%s", i+1, healing, err, f.members[i].Tail())
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}
