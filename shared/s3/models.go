package s3

import "context"

// Models keeps the bytes of the classifier's models in a bucket, each under its name, which is their digest. They do not expire.
type Models struct{ bucket Bucket }

// NewModels makes the way to the models in one bucket.
func NewModels(api API, bucket string) Models { return Models{bucket: New(api, bucket)} }

// modelKey is where a model lies.
func modelKey(name string) string { return "models/" + name }

// Put is Put of a Bucket.
func (m Models) Put(ctx context.Context, name string, body []byte) error {
	return m.bucket.Put(ctx, modelKey(name), body)
}

// Get is Get of a Bucket.
func (m Models) Get(ctx context.Context, name string) ([]byte, error) {
	return m.bucket.Get(ctx, modelKey(name))
}
