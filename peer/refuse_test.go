package peer

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// expired makes a certificate of node n that is not valid any more.
func expired(t testing.TB, authority string, n Node) Credentials {
	t.Helper()
	dir := t.TempDir()
	if err := makeCertificate(authority, dir, n, nil, -time.Minute); err != nil {
		t.Fatal(err)
	}
	return CredentialsIn(dir)
}

// anyone is a client's configuration with the given certificate that does not check the server.
func anyone(t testing.TB, c Credentials) *tls.Config {
	t.Helper()
	config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{linkProtocol}}
	if c.Certificate != "" {
		own, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config
}

func TestWhoDialsIsRefusedWithoutTheRightCertificate(t *testing.T) {
	a := authority(t)
	nameless := Credentials{Certificate: filepath.Join(a, AuthorityFile), Key: filepath.Join(a, AuthorityKeyFile)}
	old := anyone(t, certify(t, a, 2))
	old.MaxVersion = tls.VersionTLS12
	silent := anyone(t, certify(t, a, 2))
	silent.NextProtos = nil
	for name, c := range map[string]struct {
		config *tls.Config
		want   string
	}{
		"another authority": {anyone(t, certify(t, authority(t), 2)), "unknown authority"},
		"none":              {anyone(t, Credentials{}), "client didn't provide a certificate"},
		"expired":           {anyone(t, expired(t, a, 2)), "expired"},
		"this node's":       {anyone(t, certify(t, a, 1)), "it has the certificate of node 1, which is this node"},
		"no number":         {anyone(t, nameless), "names no node"},
		"old TLS":           {old, "unsupported versions"},
		"no protocol":       {silent, "it asks for none of the protocols"},
	} {
		t.Run(name, func(t *testing.T) {
			var log lines
			r := newRecorder()
			m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: r, Log: log.logger()})
			conn, err := rawTLS(t, c.config, m.address())
			if err == nil {
				hello{version, forMessages, 2, 1}.write(conn)
				_, _, err = newFrameReader(conn).next()
			}
			if err == nil {
				t.Error("it was let in")
			}
			log.want(t, "refused a connection")
			log.want(t, c.want)
			if len(r.events) != 0 || len(m.Links()) != 0 {
				t.Errorf("something is connected: %+v", m.Links())
			}
		})
	}
}

func TestWhoIsDialledIsRefusedWithoutTheRightCertificate(t *testing.T) {
	a := authority(t)
	for name, c := range map[string]struct {
		credentials Credentials
		want        string
	}{
		"another authority": {certify(t, authority(t), 2), "unknown authority"},
		"another node":      {certify(t, a, 3), "it is node 3 by its certificate, and node 2 was dialled"},
		"this node":         {certify(t, a, 1), "it has the certificate of node 1, which is this node"},
	} {
		t.Run(name, func(t *testing.T) {
			var log lines
			address := rawServer(t, c.credentials, hello{version, forMessages, 2, 1}, func(hello, *tls.Conn, *frameReader) {
				t.Error("a hello was said")
			})
			m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: newRecorder(), Log: log.logger()})
			m.SetPeers(map[Node]string{2: address})
			log.want(t, "cannot connect")
			log.want(t, c.want)
			if m.Send(2, 0, nil) || m.Links()[0].Trouble == "" {
				t.Errorf("it is connected: %+v", m.Links())
			}
		})
	}
}

func TestNodeNeedsItsOwnCertificate(t *testing.T) {
	a := authority(t)
	for name, c := range map[string]Credentials{"another node's": certify(t, a, 2), "expired": expired(t, a, 1)} {
		l := listen(t, "127.0.0.1:0")
		if m, err := New(Config{Self: 1, Listener: l, Credentials: c, Handler: newRecorder()}); err == nil {
			m.Close()
			t.Errorf("%s: it was taken", name)
		}
		if _, err := l.Accept(); err == nil {
			t.Errorf("%s: the listener is open", name)
		}
	}
}

func TestWrongHelloIsRefused(t *testing.T) {
	a := authority(t)
	for name, c := range map[string]struct {
		hello hello
		want  string
	}{
		"version": {hello{2, forMessages, 2, 1}, "it speaks version 2 of the links, and this node version 1"},
		"from":    {hello{version, forMessages, 3, 1}, "its hello is of node 3, and its certificate of node 2"},
		"to":      {hello{version, forMessages, 2, 3}, "its hello is for node 3, and this is node 1"},
		"purpose": {hello{version, 4, 2, 1}, "its link is for purpose 4"},
		"ALPN":    {hello{version, forUrgent, 2, 1}, "its link is for urgent calls, and its connection for"},
	} {
		t.Run(name, func(t *testing.T) {
			var log lines
			r := newRecorder()
			m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: r, Log: log.logger()})
			conn, frames := rawLink(t, certify(t, a, 2), m.address(), c.hello) // it is answered
			if _, _, err := frames.next(); err == nil {
				t.Error("the link is up")
			}
			conn.Close()
			log.want(t, "refused a link")
			log.want(t, c.want)
			if len(r.events) != 0 {
				t.Error("the handler heard of it")
			}
		})
	}
}

func TestDiallerSaysWhyAHelloIsWrong(t *testing.T) {
	a := authority(t)
	for want, answer := range map[string]hello{
		"it speaks version 2 of the links, and this node version 1": {2, forMessages, 2, 1},
		"its hello is for node 9, and this is node 1":               {version, forMessages, 2, 9},
	} {
		var log lines
		address := rawServer(t, certify(t, a, 2), answer, func(hello, *tls.Conn, *frameReader) {})
		m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: newRecorder(), Log: log.logger()})
		m.SetPeers(map[Node]string{2: address})
		log.want(t, want)
		m.Close()
	}
}

// Whoever accepts connections and says nothing must not hold a dialler up, before the handshake and after it.
func TestSilenceIsNotWaitedFor(t *testing.T) {
	a := authority(t)
	base, _, err := LoadCredentials(certify(t, a, 2))
	if err != nil {
		t.Fatal(err)
	}
	for name, handshake := range map[string]bool{"handshake": false, "hello": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log lines
			l := listen(t, "127.0.0.1:0")
			defer l.Close()
			if handshake {
				go func() {
					for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
						t.Cleanup(func() { conn.Close() })
						go tls.Server(conn, serverConfig(base, 2)).Handshake()
					}
				}()
			}
			m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: newRecorder(), Log: log.logger()})
			m.SetPeers(map[Node]string{2: l.Addr().String()})
			log.want(t, "no answer in time")
		})
	}
}

// Nor may whoever dials and says nothing keep a connection.
func TestSilentConnectionsAreClosed(t *testing.T) {
	a := authority(t)
	var log lines
	m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: newRecorder(), Log: log.logger()})
	before, err := net.Dial("tcp", m.address())
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	after, err := raw(t, certify(t, a, 2), m.address(), linkProtocol)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]net.Conn{"refused a connection": before, "refused a link": after} {
		c.SetDeadline(time.Now().Add(patience))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: it is open", name)
		}
		log.want(t, name)
	}
}
