package poller

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sence.gob.cl/gestor/cmd/gestor/internal/durable"
)

// checkpoint says how far a stream has been read, shard by shard. What stands in its file has been handled; what was
// handled since comes again after a crash.
type checkpoint struct {
	path   string
	stream string
	shards map[string]mark
	dirty  bool
}

// mark is a shard's state: everything up to Sequence has been handled (empty: nothing), and when Closed is set, nothing
// will follow.
type mark struct {
	Sequence string `json:"sequence,omitempty"`
	Closed   bool   `json:"closed,omitempty"`
}

type checkpointFile struct {
	V      int             `json:"v"`
	Stream string          `json:"stream"`
	Shards map[string]mark `json:"shards"`
}

// openCheckpoint reads the state kept in dir for a stream and function. A stream that is new, which it also is after its
// table was made again (the ARN carries the time), begins at its start.
func openCheckpoint(dir, stream, function string) (*checkpoint, error) {
	sum := sha256.Sum256([]byte(stream + "\n" + function))
	c := &checkpoint{
		path:   filepath.Join(dir, "stream-"+hex.EncodeToString(sum[:8])+".json"),
		stream: stream,
		shards: map[string]mark{},
	}
	raw, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	var f checkpointFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", c.path, err)
	}
	if f.V != 1 || f.Stream != stream {
		return nil, fmt.Errorf("checkpoint: %s: version %d, stream %s: not what this program writes", c.path, f.V, f.Stream)
	}
	if f.Shards != nil {
		c.shards = f.Shards
	}
	return c, nil
}

// set changes a shard's mark in memory.
func (c *checkpoint) set(shard string, m mark) {
	if c.shards[shard] != m {
		c.shards[shard] = m
		c.dirty = true
	}
}

// keep drops the shards the stream no longer has.
func (c *checkpoint) keep(known map[string]bool) {
	for shard := range c.shards {
		if !known[shard] {
			delete(c.shards, shard)
			c.dirty = true
		}
	}
}

// save writes the marks to disk when one has changed.
func (c *checkpoint) save() error {
	if !c.dirty {
		return nil
	}
	raw, err := json.Marshal(checkpointFile{V: 1, Stream: c.stream, Shards: c.shards})
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := durable.WriteFile(c.path, raw); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	c.dirty = false
	return nil
}
