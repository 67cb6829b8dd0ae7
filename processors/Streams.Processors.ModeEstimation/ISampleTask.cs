using Streams.Schemas;
using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation;

/// <summary>A task whose records are samples, as opposed to answers about pairs.</summary>
internal interface ISampleTask : IOpenTask
{
    /// <summary>Takes a sample as far as the task's kind allows.</summary>
    /// <returns>Null when the sample was new; else whether it came with the same label as before.</returns>
    /// <exception cref="RecordFormatException">The sample cannot belong to the task; nothing has changed.</exception>
    bool? Take(LabelSample sample);
}
