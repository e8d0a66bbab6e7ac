package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// rawDays is how long a raw delivery is kept: twice the fourteen days in which a dead letter that points to it may still
// be put back, rounded up to a month.
const rawDays = 30

// newRawBucket declares the bucket of raw deliveries too large for a queue message (more than 900 KiB). It keeps no
// versions: what expires must be gone, it holds citizens' words.
func newRawBucket(stack awscdk.Stack, s settings, key awskms.CfnKey) awss3.CfnBucket {
	bucket := awss3.NewCfnBucket(stack, jsii.String("RawBucket"), &awss3.CfnBucketProps{
		BucketEncryption: &awss3.CfnBucket_BucketEncryptionProperty{
			ServerSideEncryptionConfiguration: []any{&awss3.CfnBucket_ServerSideEncryptionRuleProperty{
				BucketKeyEnabled: jsii.Bool(true), // one call of KMS for many objects
				ServerSideEncryptionByDefault: &awss3.CfnBucket_ServerSideEncryptionByDefaultProperty{
					KmsMasterKeyId: key.AttrArn(), SseAlgorithm: jsii.String("aws:kms"),
				},
			}},
		},
		LifecycleConfiguration: &awss3.CfnBucket_LifecycleConfigurationProperty{
			Rules: []any{&awss3.CfnBucket_RuleProperty{
				Id:               jsii.String("expire"),
				Status:           jsii.String("Enabled"),
				ExpirationInDays: jsii.Number(rawDays),
				AbortIncompleteMultipartUpload: &awss3.CfnBucket_AbortIncompleteMultipartUploadProperty{
					DaysAfterInitiation: jsii.Number(1),
				},
			}},
		},
		OwnershipControls: &awss3.CfnBucket_OwnershipControlsProperty{
			Rules: []any{&awss3.CfnBucket_OwnershipControlsRuleProperty{ObjectOwnership: jsii.String("BucketOwnerEnforced")}},
		},
		PublicAccessBlockConfiguration: &awss3.CfnBucket_PublicAccessBlockConfigurationProperty{
			BlockPublicAcls:       jsii.Bool(true),
			BlockPublicPolicy:     jsii.Bool(true),
			IgnorePublicAcls:      jsii.Bool(true),
			RestrictPublicBuckets: jsii.Bool(true),
		},
	})
	bucket.ApplyRemovalPolicy(s.removal(), nil)
	awss3.NewCfnBucketPolicy(stack, jsii.String("RawBucketPolicy"), &awss3.CfnBucketPolicyProps{
		Bucket:         bucket.Ref(),
		PolicyDocument: tlsOnly("s3:*", bucket.AttrArn(), objects(bucket)),
	})
	return bucket
}
