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

// Files are PEM files of a listener, or of whoever else shows a certificate and believes in some.
type Files struct {
	Certificate string // its own, with those between it and its authority behind it
	Key         string // its private key
	Clients     string // certificates of the authorities whose clients are let in; empty: clients need no certificate
}

// A Source is a TLS configuration, as its files say at the moment. It may be used concurrently.
type Source struct {
	files   Files
	build   func(Contents) (*tls.Config, error)
	log     *slog.Logger
	current atomic.Pointer[tls.Config]
	changed func(*tls.Config) // may be nil
	mu      sync.Mutex
	seen    [sha256.Size]byte // hash of the files that are in use; guarded by mu
}

// Load reads and checks the files of a listener.
func Load(files Files, log *slog.Logger) (*Source, error) { return LoadFor(files, files.listener, log) }

// LoadFor is Load for what is not a listener of package http. Build makes a configuration, with one certificate, of what is in the files,
// or says why that does not fit together.
func LoadFor(files Files, build func(Contents) (*tls.Config, error), log *slog.Logger) (*Source, error) {
	s := &Source{files: files, build: build, log: log}
	contents, err := files.Read()
	if err != nil {
		return nil, err
	}
	config, err := build(contents)
	if err != nil {
		return nil, err
	}
	s.seen = contents.sum()
	s.current.Store(config)
	return s, nil
}

// Current is what the files said last. Nobody may change it.
func (s *Source) Current() *tls.Config { return s.current.Load() }

// Notify has changed called, one call after the other, when other files are in use. It is to be called before all of Reload and Watch.
func (s *Source) Notify(changed func(*tls.Config)) { s.changed = changed }

// Until is when the certificate that is in use ends.
func (s *Source) Until() time.Time { return s.Current().Certificates[0].Leaf.NotAfter }

// Config is for a listener. Each connection gets what the files said last.
func (s *Source) Config() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{http1},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.Current(), nil },
	}
}

// http1 is all that is spoken: a connection of HTTP/2 would bound neither a client's requests nor serve a socket.
const http1 = "http/1.1"

// Reload looks at the files. Connections that are open stay as they are.
func (s *Source) Reload() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	contents, err := s.files.Read()
	if err != nil {
		return err
	}
	sum := contents.sum()
	if sum == s.seen {
		return nil
	}
	config, err := s.build(contents)
	if err != nil {
		return err
	}
	s.seen = sum
	s.current.Store(config)
	if s.changed != nil {
		s.changed(config)
	}
	s.log.Info("new certificates are in use", "certificate", s.files.Certificate, "until", s.Until())
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

// Contents are the bytes of the files.
type Contents struct{ Certificate, Key, Clients []byte }

// Read reads the files.
func (f *Files) Read() (c Contents, err error) {
	for _, file := range []struct {
		path string
		into *[]byte
	}{{f.Certificate, &c.Certificate}, {f.Key, &c.Key}, {f.Clients, &c.Clients}} {
		if file.path == "" {
			continue
		}
		if *file.into, err = os.ReadFile(file.path); err != nil {
			return c, fmt.Errorf("reading a certificate or its key: %w", err)
		}
	}
	return c, nil
}

func (c *Contents) sum() [sha256.Size]byte {
	var sums [][]byte
	for _, b := range [][]byte{c.Certificate, c.Key, c.Clients} {
		sum := sha256.Sum256(b)
		sums = append(sums, sum[:])
	}
	return sha256.Sum256(bytes.Join(sums, nil))
}

func (f *Files) listener(c Contents) (*tls.Config, error) {
	own, err := tls.X509KeyPair(c.Certificate, c.Key)
	if err != nil {
		return nil, fmt.Errorf("certificate %s and key %s: %w", f.Certificate, f.Key, err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{http1}, Certificates: []tls.Certificate{own}}
	if f.Clients == "" {
		return config, nil
	}
	config.ClientCAs = x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM(c.Clients) {
		return nil, fmt.Errorf("%s: there is no certificate in it", f.Clients)
	}
	// A session that is taken up again would bring a client in whose authority is not believed any more.
	config.ClientAuth, config.MinVersion, config.SessionTicketsDisabled = tls.RequireAndVerifyClientCert, tls.VersionTLS13, true
	return config, nil
}
