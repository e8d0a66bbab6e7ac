package picture

import (
	"errors"
	"fmt"
	"io"
)

const (
	// block is how much is read at once: the bytes lie in another service, and a call there costs more than what it brings.
	block = 256 << 10
	// kept is how many blocks are held at a time.
	kept = 4
	// most is how much of a file is read at most: a GIF through which one must read to count its pictures, and some room.
	most = 24 << 20
)

// errEnough ends the reading of a file that hides what it is behind more bytes than any honest one.
var errEnough = errors.New("enough was read")

// bounded reads a file by blocks, and not for ever. It is an io.ReaderAt whose errors are io.EOF, errEnough, or the file's own,
// which is in failed then.
type bounded struct {
	r      io.ReaderAt
	size   int64
	left   int64
	failed error
	blocks []piece // the one read last is last
}

type piece struct {
	at    int64
	bytes []byte
}

// ReadAt implements io.ReaderAt.
func (b *bounded) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("picture: reading at %d", off)
	}
	done := 0
	for done < len(p) {
		at := off + int64(done)
		if at >= b.size || at < 0 {
			return done, io.EOF
		}
		part, err := b.block(at - at%block)
		if err != nil {
			return done, err
		}
		done += copy(p[done:], part[at%block:])
	}
	return done, nil
}

// block gives the bytes of one block, whole as far as the file goes.
func (b *bounded) block(at int64) ([]byte, error) {
	for _, have := range b.blocks {
		if have.at == at {
			return have.bytes, nil
		}
	}
	if b.failed != nil {
		return nil, b.failed
	}
	length := min(block, b.size-at)
	if b.left -= length; b.left < 0 {
		return nil, errEnough
	}
	buf := make([]byte, length)
	n, err := b.r.ReadAt(buf, at)
	if int64(n) < length {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		b.failed = err
		return nil, err
	}
	if b.blocks = append(b.blocks, piece{at, buf}); len(b.blocks) > kept {
		b.blocks = b.blocks[1:]
	}
	return buf, nil
}

// at reads n bytes at a place; all of them or none.
func (b *bounded) at(place int64, n int) ([]byte, error) {
	buf := make([]byte, n)
	got, err := b.ReadAt(buf, place)
	if got < n {
		return nil, err
	}
	return buf, nil
}
