package node

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/vfs"
)

// Files of a node that hold keys.
const (
	AdminKeyFile      = "admin.key"
	CheckpointPubFile = "checkpoint.pub"

	gatewaySecretFile = "gateway.secret"
	checkpointKeyFile = "checkpoint.key"
	// checkpointName is the origin of the shard's checkpoints.
	checkpointName = "hustings/shard-1"
)

// keys are the secrets of a node. They are made at its first start.
type keys struct {
	admin    string
	secret   []byte
	signer   note.Signer
	verifier string
}

// openKeys reads a node's keys, and makes those that are missing.
func openKeys(fsys vfs.FS, dir string) (k keys, err error) {
	if k.admin, err = openKey(fsys, dir, AdminKeyFile, randomText); err != nil {
		return k, err
	}
	secret, err := openKey(fsys, dir, gatewaySecretFile, randomText)
	if err != nil {
		return k, err
	}
	if k.secret, err = base64.RawURLEncoding.DecodeString(secret); err != nil {
		return k, fmt.Errorf("reading %s: %w", filepath.Join(dir, gatewaySecretFile), err)
	}
	return k, k.openSigner(fsys, dir)
}

// openSigner reads the pair that signs checkpoints. The public half is written first: a pair is complete once the
// private one is there.
func (k *keys) openSigner(fsys vfs.FS, dir string) error {
	private, err := openKey(fsys, dir, checkpointKeyFile, func() (string, error) {
		private, public, err := note.GenerateKey(rand.Reader, checkpointName)
		if err != nil {
			return "", err
		}
		return private, writeKey(fsys, filepath.Join(dir, CheckpointPubFile), public)
	})
	if err != nil {
		return err
	}
	if k.signer, err = note.NewSigner(private); err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Join(dir, checkpointKeyFile), err)
	}
	public, err := vfs.ReadFile(fsys, filepath.Join(dir, CheckpointPubFile))
	if err != nil {
		return err
	}
	k.verifier = strings.TrimSpace(string(public))
	return nil
}

func openKey(fsys vfs.FS, dir, name string, generate func() (string, error)) (string, error) {
	path := filepath.Join(dir, name)
	text, err := vfs.ReadFile(fsys, path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	key, err := generate()
	if err != nil {
		return "", fmt.Errorf("making %s: %w", path, err)
	}
	return key, writeKey(fsys, path, key)
}

func writeKey(fsys vfs.FS, path, key string) error {
	return vfs.WriteFile(fsys, path, []byte(key+"\n"))
}

func randomText() (string, error) {
	var b [32]byte
	_, err := rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:]), err
}
