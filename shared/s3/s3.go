// Package s3 keeps bodies that are too large for a queue or an item.
package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"sence.gob.cl/gestor/shared/fault"
)

// MaxBytes is the largest object that is read: a packed delivery of 4 MiB, with room.
const MaxBytes = 5 << 20

// API is what this package calls of the SDK.
type API interface {
	PutObject(ctx context.Context, in *s3.PutObjectInput, opts ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Bucket is one bucket.
type Bucket struct {
	api    API
	bucket string
}

// New makes the way to one bucket.
func New(api API, bucket string) Bucket { return Bucket{api: api, bucket: bucket} }

// PathStyle puts the bucket's name into the path instead of the host, which an endpoint without wildcard names needs.
func PathStyle(on bool) func(*s3.Options) {
	return func(o *s3.Options) { o.UsePathStyle = on }
}

// Put stores the body under key; nil means that it is held. Storing the same body again is harmless. All errors are
// Transient: what can go wrong is never the body's fault.
func (b Bucket) Put(ctx context.Context, key string, body []byte) error {
	_, err := b.api.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.bucket, Key: &key, Body: bytes.NewReader(body)})
	if err != nil {
		return fault.New(fault.Transient, "s3.Put", plain(err))
	}
	return nil
}

// Get gives the body under key. One that does not exist is NotFound; S3 says so only to who may list the bucket, and
// refuses others, which is Transient as every refusal is: permissions can be mended. More than MaxBytes is Poison.
func (b Bucket) Get(ctx context.Context, key string) ([]byte, error) {
	const op = "s3.Get"
	out, err := b.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.bucket, Key: &key}, quiet)
	if err != nil {
		kind := fault.Transient
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorCode() == "NoSuchKey" {
			kind = fault.NotFound
		}
		return nil, fault.New(kind, op, plain(err))
	}
	if out.ContentLength != nil && *out.ContentLength > MaxBytes {
		_ = out.Body.Close() // nothing of it was wanted
		return nil, tooLarge(op)
	}
	body, err := io.ReadAll(io.LimitReader(out.Body, MaxBytes+1))
	if closeErr := out.Body.Close(); err == nil {
		err = closeErr
	}
	switch {
	case err != nil:
		return nil, fault.New(fault.Transient, op, plain(err))
	case len(body) > MaxBytes:
		return nil, tooLarge(op)
	}
	return body, nil
}

func tooLarge(op string) error {
	return fault.New(fault.Poison, op, fmt.Errorf("more than %d bytes", MaxBytes))
}

// quiet keeps the SDK from writing to stderr that an object carries no checksum it could verify.
func quiet(o *s3.Options) { o.DisableLogOutputChecksumValidationSkipped = true }

// plain keeps what the service calls the error, or what broke the connection, without address and key.
func plain(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		return errors.New(api.ErrorCode())
	}
	var address *url.Error
	if errors.As(err, &address) {
		return address.Err
	}
	return err
}
