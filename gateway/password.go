package gateway

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
)

// argon is the cost of an argon2id hash. It is written into each hash, so it can be raised for new ones.
type argon struct {
	memoryKiB uint32
	passes    uint32
	lanes     uint8
}

var argonNow = argon{memoryKiB: 19 << 10, passes: 2, lanes: 1}

const (
	saltLen      = 16
	passwordHash = 32
)

// noPassword is the hash of an account that cannot log in. It is none that hash could make.
const noPassword = "!"

// decoy is verified against when there is no such account, so that this takes as long as a wrong password.
var decoy = argonNow.format(make([]byte, saltLen), make([]byte, passwordHash))

// passwords computes password hashes, only so many at once: each takes milliseconds and megabytes.
type passwords struct{ room chan struct{} }

const passwordWait = 2 * time.Second

// enter waits for room. It reports false when there was none in time.
func (p *passwords) enter(ctx context.Context) bool {
	select {
	case p.room <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(passwordWait)
	defer timer.Stop()
	select {
	case p.room <- struct{}{}:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

func (p *passwords) leave() { <-p.room }

// hash returns the hash of a password as a PHC string. The caller has entered.
func (p *passwords) hash(password string, salt []byte) string {
	return argonNow.format(salt, argonNow.key(password, salt))
}

// verify reports whether the password is the one that was hashed. The caller has entered.
func (p *passwords) verify(password, phc string) bool {
	a, salt, want, err := parsePHC(phc)
	if err != nil {
		a, salt, want, _ = parsePHC(decoy)
	}
	same := subtle.ConstantTimeCompare(a.key(password, salt), want) == 1
	return same && err == nil
}

func (a argon) key(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, a.passes, a.memoryKiB, a.lanes, passwordHash)
}

func (a argon) format(salt, hash []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.memoryKiB, a.passes, a.lanes, b64(salt), b64(hash))
}

func parsePHC(s string) (a argon, salt, hash []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return a, nil, nil, fmt.Errorf("not an argon2id hash of version %d", argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memoryKiB, &a.passes, &a.lanes); err != nil {
		return a, nil, nil, fmt.Errorf("read the costs of a password hash: %w", err)
	}
	const mostMemoryKiB, mostPasses = 1 << 20, 16
	if a.memoryKiB < 8 || a.memoryKiB > mostMemoryKiB || a.passes < 1 || a.passes > mostPasses || a.lanes < 1 {
		return a, nil, nil, fmt.Errorf("a password hash costs %s", parts[3])
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return a, nil, nil, fmt.Errorf("read the salt of a password hash: %w", err)
	}
	if hash, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return a, nil, nil, fmt.Errorf("read a password hash: %w", err)
	}
	if len(hash) != passwordHash {
		return a, nil, nil, fmt.Errorf("a password hash has %d bytes", len(hash))
	}
	return a, salt, hash, nil
}
