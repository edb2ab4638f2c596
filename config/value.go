package config

import (
	"errors"
	"net"
	"strconv"
	"time"
)

// Duration is written as Go writes one: "5ms", "1m30s".
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil || v < 0 {
		return errors.New(strconv.Quote(string(b)) + ` is no duration: write a number and a unit, such as "5ms" or "1m30s"`)
	}
	*d = Duration(v)
	return nil
}

// Address is a host and a port.
type Address string

// parts returns the host, and the port as a number. ok is false where that cannot be.
func (a Address) parts() (host string, port uint16, ok bool) {
	host, text, err := net.SplitHostPort(string(a))
	if err != nil {
		return "", 0, false
	}
	n, err := strconv.ParseUint(text, 10, 16)
	return host, uint16(n), err == nil
}

// dialable reports whether a can be connected to.
func (a Address) dialable() bool {
	host, port, ok := a.parts()
	ip := net.ParseIP(host)
	return ok && host != "" && port != 0 && (ip == nil || !ip.IsUnspecified())
}
