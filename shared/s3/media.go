package s3

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"sence.gob.cl/gestor/shared/fault"
)

// MediaAPI is what Media calls of the SDK.
type MediaAPI interface {
	PutObject(ctx context.Context, in *s3.PutObjectInput, opts ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	HeadObject(ctx context.Context, in *s3.HeadObjectInput, opts ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
}

// Signer makes addresses that carry their own permission.
type Signer interface {
	PresignGetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.PresignOptions)) (*v4.PresignedHTTPRequest, error)
}

// Media keeps files for people: pictures, recordings, documents.
type Media struct {
	api    MediaAPI
	signer Signer
	bucket string
}

// NewMedia makes the way to the files of one bucket. Who only stores needs no signer.
func NewMedia(api MediaAPI, signer Signer, bucket string) Media {
	return Media{api: api, signer: signer, bucket: bucket}
}

// Put stores a file under key; nil means that it is held. Whoever opens it is to save it and never to run it. All errors are
// Transient: what can go wrong is never the file's fault.
func (m Media) Put(ctx context.Context, key, mediaType string, body []byte) error {
	disposition := "attachment"
	_, err := m.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &m.bucket, Key: &key, ContentType: &mediaType, ContentDisposition: &disposition, Body: bytes.NewReader(body),
	})
	if err != nil {
		return fault.New(fault.Transient, "s3.Media.Put", plain(err))
	}
	return nil
}

// Type gives the media type of the file under key; NotFound when it is gone. S3 refuses who may not list the bucket what does
// not exist, so a refusal means the same here.
func (m Media) Type(ctx context.Context, key string) (string, error) {
	const op = "s3.Media.Type"
	out, err := m.api.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &m.bucket, Key: &key})
	if err == nil {
		if out.ContentType == nil {
			return "", nil
		}
		return *out.ContentType, nil
	}
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) && (answer.HTTPStatusCode() == http.StatusNotFound || answer.HTTPStatusCode() == http.StatusForbidden) {
		return "", fault.New(fault.NotFound, op, plain(err))
	}
	return "", fault.New(fault.Transient, op, plain(err))
}

// Link gives an address under which everybody who has it may fetch the file for a while, to be saved under name.
func (m Media) Link(ctx context.Context, key, name string, life time.Duration) (string, error) {
	disposition, cache := `attachment; filename="`+name+`"`, "no-store"
	out, err := m.signer.PresignGetObject(ctx, &s3.GetObjectInput{
		Bucket: &m.bucket, Key: &key, ResponseContentDisposition: &disposition, ResponseCacheControl: &cache,
	}, s3.WithPresignExpires(life))
	if err != nil {
		return "", fault.New(fault.Transient, "s3.Media.Link", plain(err))
	}
	return out.URL, nil
}
