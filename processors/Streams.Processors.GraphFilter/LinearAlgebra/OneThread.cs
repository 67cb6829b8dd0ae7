using TorchSharp;

namespace Streams.Processors.GraphFilter.LinearAlgebra;

/// <summary>libtorch's thread count belongs to the calling thread, so it is set for the call and given back.</summary>
internal readonly ref struct OneThread
{
    private readonly int _before;

    public OneThread()
    {
        _before = torch.get_num_threads();
        if (_before != 1)
        {
            torch.set_num_threads(1);
        }
    }

    public void Dispose()
    {
        if (_before != 1)
        {
            torch.set_num_threads(_before);
        }
    }
}
