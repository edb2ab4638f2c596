package peer

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// childEnv makes the test binary be node 2: credentials' directory, and the address of node 1.
const childEnv = "HUSTINGS_PEER_CHILD"

// beChild connects with node 1, prints its own address, sends numbers as messages and never ends by itself.
func beChild() {
	dir, one, _ := strings.Cut(os.Getenv(childEnv), " ")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	r := newRecorder()
	r.call = func(ctx context.Context, _ Node, _ uint32, _ uint8, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	m, err := New(Config{Self: 2, Listener: l, Credentials: CredentialsIn(dir), Handler: r})
	if err != nil {
		panic(err)
	}
	m.SetPeers(map[Node]string{1: one})
	fmt.Println(l.Addr())
	for i := 0; ; time.Sleep(time.Millisecond) {
		if m.Send(1, 0, number(i)) {
			i++
		}
	}
}

// child starts a process that is node 2, and returns its address.
func child(t testing.TB, dir string, m1 *Mesh) (*exec.Cmd, string) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childEnv+"="+dir+" "+m1.address())
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return c, strings.TrimSpace(line)
}
