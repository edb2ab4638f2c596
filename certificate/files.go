// Package certificate serves TLS with certificates that may be replaced while they are in use: by whoever renews the files, or by an
// authority that gives them out over ACME.
//
// What cannot be read while the server runs changes nothing: the certificates that were good stay in use, and the log says why.
package certificate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Files are the PEM files of a listener.
type Files struct {
	Certificate string // the server's, with those between it and its authority behind it
	Key         string // its private key
	Clients     string // certificates of the authorities whose clients are let in; empty: clients need no certificate
}

// A Source is a listener's TLS configuration, as its files say at the moment. It may be used concurrently.
type Source struct {
	files   Files
	log     *slog.Logger
	current atomic.Pointer[tls.Config]
	mu      sync.Mutex
	seen    [sha256.Size]byte // hash of the files that were looked at last, good or bad; guarded by mu
}

// Load reads and checks the files.
func Load(files Files, log *slog.Logger) (*Source, error) {
	s := &Source{files: files, log: log}
	contents, err := files.read()
	if err != nil {
		return nil, err
	}
	config, err := files.config(contents)
	if err != nil {
		return nil, err
	}
	s.seen = contents.sum()
	s.current.Store(config)
	return s, nil
}

// Config is for a listener. Each connection gets what the files said last.
func (s *Source) Config() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{http1},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.current.Load(), nil },
	}
}

// http1 is all that is spoken: a connection of HTTP/2 would bound neither a client's requests nor serve a socket.
const http1 = "http/1.1"

// Reload looks at the files. Connections that are open stay as they are.
func (s *Source) Reload() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	contents, err := s.files.read()
	if err != nil {
		return err
	}
	sum := contents.sum()
	if sum == s.seen {
		return nil
	}
	s.seen = sum
	config, err := s.files.config(contents)
	if err != nil {
		return err
	}
	s.current.Store(config)
	s.log.Info("new certificates are in use", "certificate", s.files.Certificate, "until", config.Certificates[0].Leaf.NotAfter)
	return nil
}

// LookEvery is how often Watch looks at the files.
const LookEvery = 5 * time.Second

// Watch reloads the files when they change, until the context ends.
func (s *Source) Watch(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var said string
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		err := s.Reload()
		if err == nil {
			said = ""
		} else if text := err.Error(); text != said {
			said = text
			s.log.Error("the certificates cannot be renewed; those from before stay in use", "error", err)
		}
	}
}

// contents are the bytes of the files.
type contents struct{ certificate, key, clients []byte }

func (f *Files) read() (c contents, err error) {
	for _, file := range []struct {
		path string
		into *[]byte
	}{{f.Certificate, &c.certificate}, {f.Key, &c.key}, {f.Clients, &c.clients}} {
		if file.path == "" {
			continue
		}
		if *file.into, err = os.ReadFile(file.path); err != nil {
			return c, fmt.Errorf("reading a certificate or its key: %w", err)
		}
	}
	return c, nil
}

func (c *contents) sum() [sha256.Size]byte {
	var sums [][]byte
	for _, b := range [][]byte{c.certificate, c.key, c.clients} {
		sum := sha256.Sum256(b)
		sums = append(sums, sum[:])
	}
	return sha256.Sum256(bytes.Join(sums, nil))
}

func (f *Files) config(c contents) (*tls.Config, error) {
	own, err := tls.X509KeyPair(c.certificate, c.key)
	if err != nil {
		return nil, fmt.Errorf("certificate %s and key %s: %w", f.Certificate, f.Key, err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{http1}, Certificates: []tls.Certificate{own}}
	if f.Clients == "" {
		return config, nil
	}
	config.ClientCAs = x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM(c.clients) {
		return nil, fmt.Errorf("%s: there is no certificate in it", f.Clients)
	}
	// A session that is taken up again would bring a client in whose authority is not believed any more.
	config.ClientAuth, config.MinVersion, config.SessionTicketsDisabled = tls.RequireAndVerifyClientCert, tls.VersionTLS13, true
	return config, nil
}
