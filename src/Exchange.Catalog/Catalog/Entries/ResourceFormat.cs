namespace Exchange.Catalog;

/// <summary>Format of a resource (信息资源格式); numbers as in the proto.</summary>
public enum ResourceFormat
{
    /// <summary>Not given: means <see cref="Database"/>.</summary>
    Unspecified = 0,

    /// <summary>电子文件.</summary>
    ElectronicFile = 1,

    /// <summary>电子表格.</summary>
    Spreadsheet = 2,

    /// <summary>数据库.</summary>
    Database = 3,

    /// <summary>图形图像.</summary>
    Image = 4,

    /// <summary>流媒体.</summary>
    StreamingMedia = 5,

    /// <summary>自描述格式.</summary>
    SelfDescribing = 6,

    /// <summary>服务接口.</summary>
    ServiceInterface = 7,
}
