package dynamo

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Packed bytes begin with the number of the dictionary they were deflated with.
const packedWith1 byte = 1

// syncMark ends what a deflate writer has flushed; it is the same always, so it is not stored. lastBlock ends a stream
// that was cut there.
const (
	syncMark  = "\x00\x00\xff\xff"
	lastBlock = "\x01\x00\x00\xff\xff"
)

// packer deflates and inflates documents. It keeps its writers and readers: a deflate writer is a megabyte to make.
type packer struct {
	writers sync.Pool
	readers sync.Pool
}

func newPacker() *packer {
	return &packer{
		writers: sync.Pool{New: func() any {
			w, err := flate.NewWriterDict(io.Discard, flate.BestCompression, []byte(dictionary1))
			if err != nil { // only for a level that does not exist; the next pack says so
				return nil
			}
			return w
		}},
		readers: sync.Pool{New: func() any { return flate.NewReaderDict(bytes.NewReader(nil), []byte(dictionary1)) }},
	}
}

// pack deflates one document.
func (p *packer) pack(raw []byte) ([]byte, error) {
	_, packed, err := p.packPair(nil, raw)
	return packed, err
}

// packPair deflates two documents that resemble each other: the first can be read alone, the second only after it and
// costs little more than what the first has not.
func (p *packer) packPair(first, second []byte) (packedFirst, packedSecond []byte, err error) {
	w, ok := p.writers.Get().(*flate.Writer)
	if !ok {
		return nil, nil, errors.New("pack: not a writer")
	}
	defer p.writers.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	cut := 0
	if len(first) > 0 {
		_, err = w.Write(first)
		err = errors.Join(err, w.Flush())
		cut = out.Len()
	}
	_, errWrite := w.Write(second)
	if err = errors.Join(err, errWrite, w.Close()); err != nil {
		return nil, nil, fmt.Errorf("pack: %w", err)
	}
	all := out.Bytes()
	if cut > 0 {
		packedFirst = append([]byte{packedWith1}, bytes.TrimSuffix(all[:cut], []byte(syncMark))...)
	}
	return packedFirst, append([]byte{packedWith1}, all[cut:]...), nil
}

// unpack gives what pack was given.
func (p *packer) unpack(packed []byte) ([]byte, error) {
	body, err := packedBody(packed)
	if err != nil {
		return nil, err
	}
	return p.inflate(body)
}

// unpackFirst gives the first of packPair's documents.
func (p *packer) unpackFirst(packed []byte) ([]byte, error) {
	body, err := packedBody(packed)
	if err != nil {
		return nil, err
	}
	return p.inflate(body, []byte(syncMark), []byte(lastBlock))
}

// unpackPair gives both of packPair's documents, the one after the other.
func (p *packer) unpackPair(packedFirst, packedSecond []byte) ([]byte, error) {
	first, err := packedBody(packedFirst)
	if err != nil {
		return nil, err
	}
	second, err := packedBody(packedSecond)
	if err != nil {
		return nil, err
	}
	return p.inflate(first, []byte(syncMark), second)
}

func packedBody(packed []byte) ([]byte, error) {
	if len(packed) < 2 || packed[0] != packedWith1 {
		return nil, errors.New("unpack: unknown form")
	}
	return packed[1:], nil
}

func (p *packer) inflate(parts ...[]byte) ([]byte, error) {
	r, ok := p.readers.Get().(io.Reader)
	if !ok {
		return nil, errors.New("unpack: not a reader")
	}
	defer p.readers.Put(r)
	reset, ok := r.(flate.Resetter)
	if !ok {
		return nil, errors.New("unpack: reader cannot be used again")
	}
	if err := reset.Reset(bytes.NewReader(bytes.Join(parts, nil)), []byte(dictionary1)); err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return raw, nil
}

// putDoc adds v to the item as its document.
func (p *packer) putDoc(i attrs, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	return p.putText(i, attrDoc, raw)
}

// putText adds raw to the item: as text, or packed where that saves a write unit.
func (p *packer) putText(i attrs, name string, raw []byte) error {
	base := i.size() + len(name)
	if units(base+len(raw)) > 1 {
		packed, err := p.pack(raw)
		if err != nil {
			return err
		}
		if units(base+len(packed)) < units(base+len(raw)) {
			i[name] = binary(packed)
			return nil
		}
	}
	i[name] = text(string(raw))
	return nil
}

// text reads what putText wrote.
func (p *packer) text(i attrs, name string) ([]byte, error) {
	if packed := i.bytes(name); packed != nil {
		return p.unpack(packed)
	}
	return []byte(i.text(name)), nil
}

// doc reads the document of an item into v.
func (p *packer) doc(i attrs, v any) error {
	raw, err := p.text(i, attrDoc)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	return nil
}
