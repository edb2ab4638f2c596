package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/floor"
	"github.com/hustings/hustings/node"
)

// target is the exchange that a load is for: one that runs, or one that is started in this process on a temporary
// directory.
type target struct {
	addr, adminAddr, keyFile string

	floor floor.Floor
	node  *node.Node
	dir   string // of the embedded exchange
}

func (t *target) flags(f *pflag.FlagSet) {
	f.StringVar(&t.addr, "addr", "", "address of a running exchange's API, such as 127.0.0.1:8080 (default: start one here)")
	f.StringVar(&t.adminAddr, "admin-addr", "127.0.0.1:8081", "address of the running exchange's operator API")
	f.StringVar(&t.keyFile, "admin-key", "data/"+node.AdminKeyFile, "file with the running exchange's operator key")
}

// open starts the exchange if need be and connects to it. Whoever opened the target closes it.
func (t *target) open(o client.Options) (err error) {
	addr, adminAddr := t.addr, t.adminAddr
	var key string
	if t.addr == "" {
		if err := t.embed(); err != nil {
			return errors.Join(err, t.close())
		}
		addr, adminAddr, key = t.node.Addr(), t.node.AdminAddr(), t.node.AdminKey()
	} else {
		text, err := os.ReadFile(t.keyFile)
		if err != nil {
			return fmt.Errorf("reading the operator's key: %w", err)
		}
		key = strings.TrimSpace(string(text))
	}
	if t.floor.Public, err = client.New("http://"+addr, o); err != nil {
		return errors.Join(err, t.close())
	}
	o.Token = key
	if t.floor.Admin, err = client.New("http://"+adminAddr, o); err != nil {
		return errors.Join(err, t.close())
	}
	return nil
}

func (t *target) embed() (err error) {
	if t.dir, err = os.MkdirTemp("", "hustings-exchange-"); err != nil {
		return fmt.Errorf("making a temporary directory: %w", err)
	}
	warnings := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	t.node, err = node.Start(node.Config{
		Dir: t.dir, Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", Version: version(), Log: warnings,
	})
	return err
}

// stop stops an embedded exchange and leaves its directory.
func (t *target) stop() error {
	for _, c := range []*client.Client{t.floor.Public, t.floor.Admin} {
		if c != nil {
			c.Close()
		}
	}
	n := t.node
	if t.node = nil; n == nil {
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
	if err := t.open(o); err != nil {
		return err
	}
	return errors.Join(work(ctx), t.close())
}
