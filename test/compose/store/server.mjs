// An object store with one object, for a container on the network of model files. It knows one login by its name, and checks
// no signature: packages/object-store does that.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const object = Buffer.alloc(1_000_000, 'GGUF of the store\n');
const etag = `"${createHash('md5').update(object).digest('hex')}"`;

createServer(({ method, url, headers }, response) => {
  const refuse = (status, code) =>
    response.writeHead(status).end(method === 'HEAD' ? undefined : `<Error><Code>${code}</Code></Error>`);
  if (!headers.authorization?.includes('Credential=reader/')) refuse(403, 'InvalidAccessKeyId');
  else if (url !== '/models/small.gguf') refuse(404, 'NoSuchKey');
  else
    response
      .writeHead(200, { etag, 'content-length': object.length })
      .end(method === 'HEAD' ? undefined : object);
}).listen(9000);
