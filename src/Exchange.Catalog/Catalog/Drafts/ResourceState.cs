namespace Exchange.Catalog;

/// <summary>Where a resource or its draft stands (目录生命周期); numbers as in the proto.</summary>
public enum ResourceState
{
    /// <summary>Not given; a resource that never was.</summary>
    Unspecified = 0,

    /// <summary>创建: a draft is being written.</summary>
    Draft = 1,

    /// <summary>发布待审核.</summary>
    PublishReview = 2,

    /// <summary>发布驳回: the draft needs work.</summary>
    PublishRejected = 3,

    /// <summary>已发布.</summary>
    Published = 4,

    /// <summary>撤销待审核: still published.</summary>
    RevokeReview = 5,

    /// <summary>撤销驳回: stays published.</summary>
    RevokeRejected = 6,

    /// <summary>已撤销.</summary>
    Revoked = 7,

    /// <summary>已删除: a draft that was given up.</summary>
    Deleted = 8,
}
