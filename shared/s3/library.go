package s3

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

// LibraryAPI is what Library calls of the SDK.
type LibraryAPI interface {
	API
	HeadObject(ctx context.Context, in *s3.HeadObjectInput, opts ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	DeleteObject(ctx context.Context, in *s3.DeleteObjectInput, opts ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
}

// LibrarySigner makes addresses that carry their own permission, to fetch and to bring.
type LibrarySigner interface {
	Signer
	PresignPutObject(ctx context.Context, in *s3.PutObjectInput, opts ...func(*s3.PresignOptions)) (*v4.PresignedHTTPRequest, error)
}

// Library keeps the bytes of the library's files, each under its id. They do not expire.
type Library struct {
	api    LibraryAPI
	signer LibrarySigner
	bucket string
}

// NewLibrary makes the way to the library's files in one bucket.
func NewLibrary(api LibraryAPI, signer LibrarySigner, bucket string) Library {
	return Library{api: api, signer: signer, bucket: bucket}
}

// libraryKey is where a file of the library lies.
func libraryKey(id string) *string { return aws.String("library/" + id) }

// saved keeps whoever opens a file from running it.
const saved = "attachment"

// Put stores the bytes of a file; nil means that they are held. All errors are Transient.
func (l Library) Put(ctx context.Context, id, mediaType string, body []byte) error {
	_, err := l.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &l.bucket, Key: libraryKey(id), ContentType: &mediaType, ContentDisposition: aws.String(saved), Body: bytes.NewReader(body),
	})
	if err != nil {
		return fault.New(fault.Transient, "s3.Library.Put", plain(err))
	}
	return nil
}

// Size tells how many bytes are held of a file; NotFound when none are.
func (l Library) Size(ctx context.Context, id string) (int64, error) {
	out, err := l.api.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &l.bucket, Key: libraryKey(id)})
	if err != nil {
		return 0, missingOr("s3.Library.Size", err)
	}
	return aws.ToInt64(out.ContentLength), nil
}

// Range gives size bytes of a file from a place on, fewer where it ends; NotFound when there is no such file, Permanent when it
// ends before the place.
func (l Library) Range(ctx context.Context, id string, from, size int64) ([]byte, error) {
	const op = "s3.Library.Range"
	if size <= 0 || from < 0 {
		return nil, fault.New(fault.Permanent, op, fmt.Errorf("%d bytes from %d", size, from))
	}
	wanted := fmt.Sprintf("bytes=%d-%d", from, from+size-1)
	out, err := l.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &l.bucket, Key: libraryKey(id), Range: &wanted}, quiet)
	if err != nil {
		return nil, missingOr(op, err)
	}
	body, err := io.ReadAll(io.LimitReader(out.Body, size+1))
	if closeErr := out.Body.Close(); err == nil {
		err = closeErr
	}
	if err == nil && int64(len(body)) > size {
		err = errors.New("more than was asked for")
	}
	if err != nil {
		return nil, fault.New(fault.Transient, op, plain(err))
	}
	return body, nil
}

// missingOr is NotFound for what does not exist: S3 refuses that to who may not list the bucket, so a refusal means the same.
func missingOr(op string, err error) error {
	kind := fault.Transient
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) {
		switch answer.HTTPStatusCode() {
		case http.StatusNotFound, http.StatusForbidden:
			kind = fault.NotFound
		case http.StatusRequestedRangeNotSatisfiable:
			kind = fault.Permanent
		}
	}
	return fault.New(kind, op, plain(err))
}

// Remove takes the bytes of a file away; those of none are gone already.
func (l Library) Remove(ctx context.Context, id string) error {
	if _, err := l.api.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &l.bucket, Key: libraryKey(id)}); err != nil {
		return fault.New(fault.Transient, "s3.Library.Remove", plain(err))
	}
	return nil
}

// Link gives an address under which everybody who has it may fetch a file for a while, as mediaType, to be saved under name.
func (l Library) Link(ctx context.Context, id, mediaType, name string, life time.Duration) (string, error) {
	disposition := saved
	if name != "" {
		disposition += `; filename*=UTF-8''` + url.PathEscape(name)
	}
	out, err := l.signer.PresignGetObject(ctx, &s3.GetObjectInput{
		Bucket: &l.bucket, Key: libraryKey(id), ResponseContentDisposition: &disposition, ResponseContentType: &mediaType,
		ResponseCacheControl: aws.String("no-store"),
	}, s3.WithPresignExpires(life))
	if err != nil {
		return "", fault.New(fault.Transient, "s3.Library.Link", plain(err))
	}
	return out.URL, nil
}

// Upload gives the address under which whoever has it may bring the bytes of a file: once, exactly so many, within life and, where
// sum is their SHA-256 in hexadecimal, none but those. It has to be asked with exactly these headers. What is brought is served as
// nothing that a browser shows, whatever it is.
func (l Library) Upload(ctx context.Context, id string, size int64, sum string, life time.Duration) (post.Upload, error) {
	const op = "s3.Library.Upload"
	in := &s3.PutObjectInput{
		Bucket: &l.bucket, Key: libraryKey(id), ContentType: aws.String("application/octet-stream"), ContentLength: &size, IfNoneMatch: aws.String("*"),
	}
	if sum != "" {
		raw, err := hex.DecodeString(sum)
		if err != nil {
			return post.Upload{}, fault.New(fault.Permanent, op, errors.New("sum is not hexadecimal"))
		}
		in.ChecksumSHA256 = aws.String(base64.StdEncoding.EncodeToString(raw))
	}
	out, err := l.signer.PresignPutObject(ctx, in, s3.WithPresignExpires(life), headersStay)
	if err != nil {
		return post.Upload{}, fault.New(fault.Transient, op, plain(err))
	}
	u := post.Upload{URL: out.URL, Method: out.Method, Headers: map[string]string{}}
	for name, values := range out.SignedHeader {
		switch name = strings.ToLower(name); name {
		case "host", "content-length": // no page may set them: a browser says both by itself
		default:
			u.Headers[name] = strings.Join(values, ",")
		}
	}
	return u, nil
}

// headersStay signs headers as headers. Those that SDKs move into the address S3 does not heed there; and no checksum of a body
// that is not there yet is made up.
func headersStay(o *s3.PresignOptions) {
	o.Presigner = v4.NewSigner(func(s *v4.SignerOptions) { s.DisableHeaderHoisting, s.DisableURIPathEscaping = true, true })
	o.ClientOptions = append(o.ClientOptions, func(c *s3.Options) { c.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired })
}

// Origin is where the files are fetched from and brought to: a page must be let go there.
func (l Library) Origin(ctx context.Context) (string, error) {
	link, err := l.Link(ctx, "x", "", "", time.Minute)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(link)
	if err != nil {
		return "", fault.New(fault.Permanent, "s3.Library.Origin", errors.New("storage has no address"))
	}
	return u.Scheme + "://" + u.Host, nil
}

// Files is the library as the networks need it: by the id that a post names.
type Files struct {
	library Library
	find    func(ctx context.Context, id string) (post.LibraryFile, bool, error)
}

// NewFiles makes it; find gives what is known of a file.
func NewFiles(l Library, find func(ctx context.Context, id string) (post.LibraryFile, bool, error)) Files {
	return Files{library: l, find: find}
}

// Range gives size bytes of the file from a place on, fewer where it ends. NotFound when there is no such file.
func (f Files) Range(ctx context.Context, id string, from, size int64) ([]byte, error) {
	return f.library.Range(ctx, id, from, size)
}

// Link gives an address under which a network may fetch the file for a while, told what it is. NotFound for what is not in the
// library, or not any more.
func (f Files) Link(ctx context.Context, id string, life time.Duration) (string, error) {
	file, found, err := f.find(ctx, id)
	if err != nil {
		return "", err
	}
	if !found || file.State != post.FileReady {
		return "", fault.New(fault.NotFound, "s3.Files.Link", errors.New("no such file"))
	}
	return f.library.Link(ctx, id, file.Type, "", life)
}
