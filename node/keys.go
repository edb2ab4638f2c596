package node

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// Files of a node that hold keys.
const (
	AdminKeyFile      = "admin.key"
	CheckpointPubFile = "checkpoint.pub"

	gatewaySecretFile = "gateway.secret"
	checkpointKeyFile = "checkpoint.key"
)

// keys are what is in the files of Secrets.
type keys struct {
	admin  string
	secret []byte
	pair   checkpointPair
}

// MakeSecrets makes those files that are missing, each readable by its owner only. The public half of the pair that
// signs checkpoints is written first: a pair is complete once the private one is there.
func MakeSecrets(fsys vfs.FS, s Secrets) error {
	pair := func() (string, error) {
		private, public, err := note.GenerateKey(rand.Reader, checkpointName(exchange.HomeShard))
		if err != nil {
			return "", err
		}
		return private, writeKey(fsys, s.CheckpointPub(), public)
	}
	return errors.Join(
		makeKey(fsys, s.Admin, randomText),
		makeKey(fsys, s.Gateway, randomText),
		makeKey(fsys, s.Checkpoint, pair))
}

// readKeys reads all files of s.
func readKeys(fsys vfs.FS, s Secrets) (k keys, err error) {
	if k.admin, err = readKey(fsys, s.Admin); err != nil {
		return k, err
	}
	secret, err := readKey(fsys, s.Gateway)
	if err != nil {
		return k, err
	}
	if k.secret, err = base64.RawURLEncoding.DecodeString(secret); err != nil {
		return k, fmt.Errorf("reading %s: %w", s.Gateway, err)
	}
	if k.pair.private, err = readKey(fsys, s.Checkpoint); err != nil {
		return k, err
	}
	if k.pair.public, err = readKey(fsys, s.CheckpointPub()); err != nil {
		return k, err
	}
	if _, _, err = k.pair.of(exchange.HomeShard); err != nil {
		return k, fmt.Errorf("reading %s and %s: %w", s.Checkpoint, s.CheckpointPub(), err)
	}
	return k, nil
}

func readKey(fsys vfs.FS, path string) (string, error) {
	text, err := vfs.ReadFile(fsys, path)
	return strings.TrimSpace(string(text)), err
}

func makeKey(fsys vfs.FS, path string, generate func() (string, error)) error {
	if _, err := fsys.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	key, err := generate()
	if err != nil {
		return fmt.Errorf("making %s: %w", path, err)
	}
	return writeKey(fsys, path, key)
}

func writeKey(fsys vfs.FS, path, key string) error {
	return vfs.WriteFile(fsys, path, []byte(key+"\n"))
}

func randomText() (string, error) {
	var b [32]byte
	_, err := rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:]), err
}
