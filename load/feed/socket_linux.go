package feed

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// dial opens a WebSocket connection and returns its socket, which does not block. Received says how many bytes the kernel may
// keep for a subscriber; 0: what it likes.
func dial(addr string, source, received int, query string) (fd int, err error) {
	to, err := net.ResolveTCPAddr("tcp4", addr)
	if err != nil {
		return 0, fmt.Errorf("connecting to the feed: %w", err)
	}
	if fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return 0, fmt.Errorf("making a socket: %w", err)
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
		}
	}()
	// Its end is a reset: the port is free at once for the next run, which may need as many.
	if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		return 0, fmt.Errorf("saying how a connection ends: %w", err)
	}
	if received > 0 {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, received); err != nil {
			return 0, fmt.Errorf("bounding what the kernel keeps: %w", err)
		}
	}
	if to.IP.IsLoopback() {
		_ = unix.Bind(fd, &unix.SockaddrInet4{Addr: loopback(source)})
	}
	peer := &unix.SockaddrInet4{Port: to.Port}
	copy(peer.Addr[:], to.IP.To4())
	if err := unix.Connect(fd, peer); err != nil {
		return 0, fmt.Errorf("connecting to the feed: %w", err)
	}
	if err := shake(fd, addr, query); err != nil {
		return 0, err
	}
	return fd, unix.SetNonblock(fd, true)
}

// loopback is the address that a subscriber connects from: more addresses have more ports.
func loopback(subscriber int) [4]byte { return [4]byte{127, 0, 0, byte(1 + subscriber/20_000)} }

// shake upgrades a connection.
func shake(fd int, addr, query string) error {
	request := "GET /ws" + query + " HTTP/1.1\r\nHost: " + addr + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.StdEncoding.EncodeToString(make([]byte, 16)) + "\r\n\r\n"
	if _, err := unix.Write(fd, []byte(request)); err != nil {
		return fmt.Errorf("asking for an upgrade: %w", err)
	}
	answer := bufio.NewReader(byteReader(fd))
	r, err := http.ReadResponse(answer, nil)
	if err != nil {
		return fmt.Errorf("reading the answer to an upgrade: %w", err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(io.LimitReader(answer, int64(answer.Buffered())))
		return fmt.Errorf("the feed refused a connection with status %d: %s", r.StatusCode, strings.TrimSpace(string(body)))
	}
	return nil
}

// byteReader reads a socket, one byte at a time so that nothing behind the answer is taken.
type byteReader int

func (r byteReader) Read(b []byte) (int, error) {
	n, err := unix.Read(int(r), b[:min(1, len(b))])
	if err == nil && n == 0 {
		err = io.EOF
	}
	return n, err
}

// say sends a request, a text of less than 64 KiB.
func say(fd int, text string) error {
	if _, err := unix.Write(fd, request(text)); err != nil {
		return fmt.Errorf("sending a request to the feed: %w", err)
	}
	return nil
}

// request is the frame of a request.
func request(text string) []byte {
	const final, text1, masked, long = 0x80, 0x01, 0x80, 126
	b := []byte{final | text1}
	if len(text) < long {
		b = append(b, masked|byte(len(text)))
	} else {
		b = append(b, masked|long, byte(len(text)>>8), byte(len(text)))
	}
	return append(append(b, 0, 0, 0, 0), text...) // a mask of zeros
}

// Files returns how many files this process may have open, which it raises as far as it may.
func Files() int {
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) != nil {
		return 1_024
	}
	most := unix.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	if l.Max < most.Max && unix.Setrlimit(unix.RLIMIT_NOFILE, &most) == nil {
		return int(most.Cur)
	}
	l.Cur = l.Max
	_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &l) // the one that it has will do
	return int(l.Cur)
}

// Resident returns how many bytes of memory this process has.
func Resident() (uint64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("reading how much memory is used: %w", err)
	}
	var size, resident uint64
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return 0, fmt.Errorf("reading how much memory is used: %w", err)
	}
	return resident * uint64(os.Getpagesize()), nil
}
