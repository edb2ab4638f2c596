package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/spf13/pflag"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/config"
	"github.com/hustings/hustings/load/cluster"
	"github.com/hustings/hustings/load/floor"
)

// benchCluster is an exchange of several nodes for a measurement: processes of this program, on loopback, in a temporary
// directory.
type benchCluster struct {
	*cluster.Cluster
	public []*client.Client // of each node's API
	admin  *client.Client   // of the first node's operator's API
	dir    string
}

// startCluster starts an exchange and waits until it takes orders. Whoever started it closes it.
func startCluster(ctx context.Context, o cluster.Options, co client.Options) (k *benchCluster, err error) {
	k = new(benchCluster)
	if k.dir, err = os.MkdirTemp("", "hustings-cluster-"); err != nil {
		return nil, fmt.Errorf("making a temporary directory: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, k.close())
		}
	}()
	if o.Binary, err = os.Executable(); err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	o.Dir = k.dir
	if k.Cluster, err = cluster.Start(o); err != nil {
		return nil, err
	}
	if err := waitReady(ctx, k.Cluster); err != nil {
		return nil, err
	}
	for _, n := range k.Nodes() {
		c, err := client.New("http://"+n.Addr, co)
		if err != nil {
			return nil, err
		}
		k.public = append(k.public, c)
	}
	k.admin, err = k.Admin(1)
	return k, err
}

func (k *benchCluster) floor() floor.Floor { return floor.Floor{Public: k.public[0], Admin: k.admin} }

// spread connects traders with all nodes in turn, and waits until these know all of them.
func (k *benchCluster) spread(ctx context.Context, hired []floor.Trader) error {
	for i := range hired {
		hired[i].Client = hired[i].Via(k.public[i%len(k.public)])
	}
	for i, c := range k.public {
		if _, err := c.Markets(ctx, url.Values{api.ParamFresh: {"true"}}); err != nil {
			return fmt.Errorf("waiting for node %d: %w", i+1, err)
		}
	}
	return nil
}

// timing is how often the leader lets its followers hear from it, and how long they do without.
func (k *benchCluster) timing() (config.Timing, error) {
	f, err := config.Load(k.Node(1).Config)
	if err != nil {
		return config.Timing{}, err
	}
	return f.Timing, nil
}

// timingFlags let a measurement try other times than the usual.
func timingFlags(f *pflag.FlagSet, o *cluster.Options) {
	f.DurationVar(&o.Heartbeat, "heartbeat", 0, "how often a leader lets the others hear from it (default: as cluster create writes it)")
	f.DurationVar(&o.Election, "election", 0, "how long the others wait for it (default: as cluster create writes it)")
}

// close ends the nodes and removes their directory.
func (k *benchCluster) close() error {
	for _, c := range append(k.public, k.admin) {
		if c != nil {
			c.Close()
		}
	}
	var err error
	if k.Cluster != nil {
		err = k.Cluster.Close()
	}
	return errors.Join(err, os.RemoveAll(k.dir))
}
