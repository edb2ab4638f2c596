package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/cluster"
	"github.com/hustings/hustings/load/floor"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/peer"
)

// target is the exchange that a load is for: one that runs, one that is started in this process on a temporary directory,
// or one of several nodes that are processes of their own.
type target struct {
	addr, adminAddr, keyFile string
	nodes                    int             // 0: not a cluster
	maxConns                 int             // of an exchange that is started in this process; 0: as usual
	clusterOptions           cluster.Options // of one that is started here

	floor   floor.Floor
	node    *node.Node
	cluster *benchCluster
	dir     string // of an exchange started here

	secured   bool // an exchange that is started in this process speaks TLS, with a certificate that is made for it
	authority string
	trust     *tls.Config
}

func (t *target) flags(f *pflag.FlagSet) {
	f.StringVar(&t.addr, "addr", "", "address of a running exchange's API, such as 127.0.0.1:8080 (default: start one here)")
	f.StringVar(&t.adminAddr, "admin-addr", "127.0.0.1:8081", "address of the running exchange's operator API")
	f.StringVar(&t.keyFile, "admin-key", "data/"+node.AdminKeyFile, "file with the running exchange's operator key")
}

// open starts the exchange if need be and connects to it. Whoever opened the target closes it.
func (t *target) open(ctx context.Context, o client.Options) (err error) {
	addr, adminAddr := t.addr, t.adminAddr
	var key string
	switch {
	case t.nodes > 0:
		t.clusterOptions.Nodes = t.nodes
		if t.cluster, err = startCluster(ctx, t.clusterOptions, o); err != nil {
			return err
		}
		t.floor = t.cluster.floor()
		return nil
	case t.addr == "":
		if err := t.embed(); err != nil {
			return errors.Join(err, t.close())
		}
		addr, adminAddr, key = t.node.Addr(), t.node.AdminAddr(), t.node.AdminKey()
	default:
		text, err := os.ReadFile(t.keyFile)
		if err != nil {
			return fmt.Errorf("reading the operator's key: %w", err)
		}
		key = strings.TrimSpace(string(text))
	}
	scheme := "http://"
	if t.secured {
		scheme, o.TLS = "https://", t.trust
	}
	if t.floor.Public, err = client.New(scheme+addr, o); err != nil {
		return errors.Join(err, t.close())
	}
	o.Token = key
	if t.floor.Admin, err = client.New(scheme+adminAddr, o); err != nil {
		return errors.Join(err, t.close())
	}
	return nil
}

func (t *target) embed() (err error) {
	if t.dir, err = os.MkdirTemp("", "hustings-exchange-"); err != nil {
		return fmt.Errorf("making a temporary directory: %w", err)
	}
	warnings := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	usual := cluster.Limits()
	limits, err := usual.Policy()
	if err != nil {
		return err
	}
	var secured node.TLS
	if t.secured {
		if secured, err = t.certify(); err != nil {
			return err
		}
	}
	t.node, err = node.Start(node.Config{
		Limits: limits, MaxConns: t.maxConns, TLS: secured,
		Dir: t.dir, Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", Version: version(), Log: warnings,
	})
	return err
}

// certify makes an authority, a certificate by it for this machine, and what trusts it.
func (t *target) certify() (files node.TLS, err error) {
	dir := filepath.Join(t.dir, "tls")
	if err := peer.MakeAuthority(dir); err != nil {
		return files, err
	}
	own := filepath.Join(dir, "own")
	if err := peer.MakeCertificate(dir, own, 1, "127.0.0.1"); err != nil {
		return files, err
	}
	made := peer.CredentialsIn(own)
	t.authority = made.Authority
	t.trust, err = trustIn(t.authority)
	return node.TLS{Certificate: made.Certificate, Key: made.Key}, err
}

// trustIn trusts the authorities in a file, and nobody else.
func trustIn(authority string) (*tls.Config, error) {
	text, err := os.ReadFile(authority)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities: %w", err)
	}
	all := x509.NewCertPool()
	if !all.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("there is no certificate in %s", authority)
	}
	return &tls.Config{RootCAs: all, MinVersion: tls.VersionTLS12}, nil
}

// stop stops an exchange that was started here. It leaves the directory of an embedded one.
func (t *target) stop() error {
	n, k := t.node, t.cluster
	t.node, t.cluster = nil, nil
	if k != nil {
		return k.close()
	}
	for _, c := range []*client.Client{t.floor.Public, t.floor.Admin} {
		if c != nil {
			c.Close()
		}
	}
	if n == nil {
		return nil
	}
	return n.Close()
}

// close stops an embedded exchange and removes its directory.
func (t *target) close() error {
	err := t.stop()
	if t.dir != "" {
		err = errors.Join(err, os.RemoveAll(t.dir))
		t.dir = ""
	}
	return err
}

// with opens the target for the time of work.
func (t *target) with(ctx context.Context, o client.Options, work func(context.Context) error) error {
	if err := t.open(ctx, o); err != nil {
		return err
	}
	return errors.Join(work(ctx), t.close())
}
